#include "plain-addin.hpp"

#include <cstring>
#include <cwchar>
#include <new>

#include "plain-check.hpp"
#include "server-process.hpp"
#include "win/hresult.hpp"

namespace wsb::bench {
namespace {

LPWSTR CopyString(const wchar_t* text) {
    if (text == nullptr) {
        return nullptr;
    }
    const size_t size = (std::wcslen(text) + 1) * sizeof(wchar_t);
    auto* copy = static_cast<LPWSTR>(::CoTaskMemAlloc(size));
    if (copy == nullptr) {
        throw std::bad_alloc{};
    }
    std::memcpy(copy, text, size);
    return copy;
}

LPWSTR* CopyReversed(LPWSTR* strings, DWORD count) {
    auto* copies = static_cast<LPWSTR*>(::CoTaskMemAlloc(count * sizeof(LPWSTR)));
    if (copies == nullptr) {
        throw std::bad_alloc{};
    }
    for (DWORD index = 0; index < count; ++index) {
        copies[index] = CopyString(strings[count - 1 - index]);
    }
    return copies;
}

}  // namespace

PlainAddin::PlainAddin() noexcept { EnterProcess(); }

PlainAddin::~PlainAddin() { LeaveProcess(); }

STDMETHODIMP PlainAddin::QueryInterface(REFIID iid, void** result) noexcept {
    if (result == nullptr) {
        return E_POINTER;
    }
    *result = nullptr;
    if (iid == IID_IUnknown || iid == com::kIidApplicationRestoreSupport) {
        *result = static_cast<com::IWsbApplicationRestoreSupport*>(this);
    } else if (iid == com::kIidApplicationBackupSupport) {
        *result = static_cast<com::IWsbApplicationBackupSupport*>(this);
    } else {
        return E_NOINTERFACE;
    }
    AddRef();
    return S_OK;
}

STDMETHODIMP_(ULONG) PlainAddin::AddRef() noexcept { return ++m_references; }

STDMETHODIMP_(ULONG) PlainAddin::Release() noexcept {
    const ULONG left = --m_references;
    if (left == 0) {
        delete this;
    }
    return left;
}

STDMETHODIMP PlainAddin::PreRestore(LPWSTR /*wszWriterMetadata*/, LPWSTR wszComponentName,
                                    LPWSTR /*wszComponentLogicalPath*/,
                                    BOOLEAN /*bNoRollForward*/) noexcept {
    static constexpr wchar_t kSlow[] = L"slow:";
    constexpr size_t kLength = sizeof(kSlow) / sizeof(wchar_t) - 1;
    if (wszComponentName != nullptr && std::wcsncmp(wszComponentName, kSlow, kLength) == 0) {
        ::Sleep(static_cast<DWORD>(std::wcstoul(wszComponentName + kLength, nullptr, 10)));
    }
    return S_OK;
}

STDMETHODIMP PlainAddin::PostRestore(LPWSTR /*wszWriterMetadata*/, LPWSTR /*wszComponentName*/,
                                     LPWSTR /*wszComponentLogicalPath*/,
                                     BOOLEAN /*bNoRollForward*/) noexcept {
    return S_OK;
}

STDMETHODIMP PlainAddin::OrderComponents(DWORD cComponents, LPWSTR* rgComponentName,
                                         LPWSTR* rgComponentLogicalPaths, LPWSTR** prgComponentName,
                                         LPWSTR** prgComponentLogicalPath) noexcept try {
    *prgComponentName = CopyReversed(rgComponentName, cComponents);
    *prgComponentLogicalPath = CopyReversed(rgComponentLogicalPaths, cComponents);
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP PlainAddin::IsRollForwardSupported(BOOLEAN* pbRollForwardSupported) noexcept {
    *pbRollForwardSupported = TRUE;
    return S_OK;
}

STDMETHODIMP PlainAddin::CheckConsistency(LPWSTR /*wszWriterMetadata*/, LPWSTR /*wszComponentName*/,
                                          LPWSTR /*wszComponentLogicalPath*/, DWORD /*cVolumes*/,
                                          LPWSTR* /*rgwszSourceVolumePath*/,
                                          LPWSTR* /*rgwszSnapshotVolumePath*/,
                                          com::IWsbApplicationAsync** ppAsync) noexcept try {
    *ppAsync = new PlainCheck{};
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

}  // namespace wsb::bench
