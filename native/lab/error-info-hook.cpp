#include "error-info-hook.hpp"

#include <windows.h>
#include <objbase.h>
#include <oleauto.h>
#include <wrl/client.h>

#include <cstring>
#include <string>
#include <string_view>

#include "win/unique-any.hpp"

namespace wsb::lab {
namespace {

using Microsoft::WRL::ComPtr;
using UniqueBstr = win::UniqueAny<BSTR, ::SysFreeString>;

// Identifies our part of a call's buffer. A peer that does not know it skips the part.
constexpr GUID kExtension = {
    0xE4EACCC5, 0x560B, 0x4F8E, {0x92, 0x97, 0xDC, 0xD6, 0xB2, 0x06, 0x34, 0xDA}};

// The wire format: this header, then the two texts in UTF-16 without terminators.
struct Header {
    GUID iid;
    UINT32 sourceLength;
    UINT32 descriptionLength;
};

struct Texts {
    GUID iid{};
    UniqueBstr source;
    UniqueBstr description;
};

UINT32 Length(const UniqueBstr& text) noexcept { return ::SysStringLen(text.get()); }

Texts ReadTexts(IErrorInfo& info) noexcept {
    Texts texts;
    info.GetGUID(&texts.iid);
    info.GetSource(texts.source.put());
    info.GetDescription(texts.description.put());
    return texts;
}

ULONG SizeBytes(const Texts& texts) noexcept {
    return static_cast<ULONG>(sizeof(Header) +
                              (Length(texts.source) + Length(texts.description)) * sizeof(wchar_t));
}

void Write(const Texts& texts, BYTE* buffer) noexcept {
    const Header header{texts.iid, Length(texts.source), Length(texts.description)};
    std::memcpy(buffer, &header, sizeof header);
    BYTE* position = buffer + sizeof header;
    for (const UniqueBstr* text : {&texts.source, &texts.description}) {
        const size_t sizeBytes = Length(*text) * sizeof(wchar_t);
        if (sizeBytes > 0) {
            std::memcpy(position, text->get(), sizeBytes);
            position += sizeBytes;
        }
    }
}

// Sets the calling thread's error information from the server's data; ignores malformed data.
void Restore(const BYTE* data, ULONG sizeBytes) {
    Header header{};
    if (sizeBytes < sizeof header) {
        return;
    }
    std::memcpy(&header, data, sizeof header);
    const ULONG available = (sizeBytes - static_cast<ULONG>(sizeof header)) / sizeof(wchar_t);
    if (header.sourceLength > available ||
        header.descriptionLength > available - header.sourceLength) {
        return;
    }
    std::wstring text(header.sourceLength + header.descriptionLength, L'\0');
    std::memcpy(text.data(), data + sizeof header, text.size() * sizeof(wchar_t));
    std::wstring source = text.substr(0, header.sourceLength);
    std::wstring description = text.substr(header.sourceLength);

    ComPtr<ICreateErrorInfo> creator;
    ComPtr<IErrorInfo> info;
    if (FAILED(::CreateErrorInfo(&creator)) || FAILED(creator->SetGUID(header.iid)) ||
        FAILED(creator->SetSource(source.data())) ||
        FAILED(creator->SetDescription(description.data())) || FAILED(creator.As(&info))) {
        return;
    }
    ::SetErrorInfo(0, info.Get());
}

/// A channel hook that sends the server thread's error information with the answer to the client.
class ErrorInfoHook final : public IChannelHook {
  public:
    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override {
        if (result == nullptr) {
            return E_POINTER;
        }
        *result = nullptr;
        if (iid != __uuidof(IUnknown) && iid != __uuidof(IChannelHook)) {
            return E_NOINTERFACE;
        }
        *result = static_cast<IChannelHook*>(this);
        return S_OK;
    }

    // The hook lives as long as the process.
    STDMETHODIMP_(ULONG) AddRef() noexcept override { return 2; }
    STDMETHODIMP_(ULONG) Release() noexcept override { return 1; }

    // A new call invalidates the error information of an earlier call.
    void STDMETHODCALLTYPE ClientGetSize(REFGUID, REFIID, ULONG* sizeBytes) noexcept override {
        ::SetErrorInfo(0, nullptr);
        *sizeBytes = 0;
    }

    void STDMETHODCALLTYPE ClientFillBuffer(REFGUID, REFIID, ULONG* sizeBytes,
                                            void*) noexcept override {
        *sizeBytes = 0;
    }

    void STDMETHODCALLTYPE ClientNotify(REFGUID, REFIID, ULONG sizeBytes, void* data, DWORD,
                                        HRESULT) noexcept override try {
        if (data != nullptr) {
            Restore(static_cast<const BYTE*>(data), sizeBytes);
        }
    } catch (...) {
        // Out of memory: the call's HRESULT still arrives, but its text does not.
    }

    void STDMETHODCALLTYPE ServerNotify(REFGUID, REFIID, ULONG, void*, DWORD) noexcept override {
        ::SetErrorInfo(0, nullptr);
    }

    void STDMETHODCALLTYPE ServerGetSize(REFGUID, REFIID, HRESULT,
                                         ULONG* sizeBytes) noexcept override {
        *sizeBytes = 0;
        ComPtr<IErrorInfo> info;
        if (::GetErrorInfo(0, &info) != S_OK) {
            return;
        }
        *sizeBytes = SizeBytes(ReadTexts(*info.Get()));
        // Reading removed it from the thread, and ServerFillBuffer needs it later on the same
        // thread.
        ::SetErrorInfo(0, info.Get());
    }

    void STDMETHODCALLTYPE ServerFillBuffer(REFGUID, REFIID, ULONG* sizeBytes, void* data,
                                            HRESULT) noexcept override {
        ComPtr<IErrorInfo> info;
        if (*sizeBytes == 0 || data == nullptr || ::GetErrorInfo(0, &info) != S_OK) {
            *sizeBytes = 0;
            return;
        }
        const Texts texts = ReadTexts(*info.Get());
        if (SizeBytes(texts) > *sizeBytes) {
            *sizeBytes = 0;
            return;
        }
        Write(texts, static_cast<BYTE*>(data));
        *sizeBytes = SizeBytes(texts);
    }
};

bool IsWine() noexcept {
    const HMODULE ntdll = ::GetModuleHandleW(L"ntdll.dll");
    return ntdll != nullptr && ::GetProcAddress(ntdll, "wine_get_version") != nullptr;
}

bool Install() noexcept {
    static ErrorInfoHook hook;
    return IsWine() && SUCCEEDED(::CoRegisterChannelHook(kExtension, &hook));
}

}  // namespace

bool InstallErrorInfoHook() noexcept {
    static const bool installed = Install();
    return installed;
}

}  // namespace wsb::lab
