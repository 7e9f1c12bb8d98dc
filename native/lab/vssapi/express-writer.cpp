// The express writers of VSS, as their reference describes them: the lab's stand-in for vssapi.dll.
// https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-ivssexpresswriter

#include <windows.h>

#include <vss.h>

#include <vsserror.h>
#include <vswriter.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "express-document.hpp"
#include "express-metadata.hpp"
#include "express-rules.hpp"
#include "express-store.hpp"
#include "faults.hpp"
#include "win/hresult.hpp"

namespace wsb::lab {
namespace {

/// Asks the token itself: Wine's IsUserAnAdmin says yes to everybody.
bool IsAdministrator() {
    std::array<std::byte, SECURITY_MAX_SID_SIZE> sid{};
    auto size = static_cast<DWORD>(sid.size());
    BOOL isMember = FALSE;
    return ::CreateWellKnownSid(WinBuiltinAdministratorsSid, nullptr, sid.data(), &size) != FALSE &&
           ::CheckTokenMembership(nullptr, sid.data(), &isMember) != FALSE && isMember != FALSE;
}

class ExpressWriter final : public IVssExpressWriter {
  public:
    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override {
        if (result == nullptr) {
            return E_POINTER;
        }
        *result = nullptr;
        if (iid != IID_IUnknown && iid != __uuidof(IVssExpressWriter)) {
            return E_NOINTERFACE;
        }
        *result = static_cast<IVssExpressWriter*>(this);
        AddRef();
        return S_OK;
    }
    STDMETHODIMP_(ULONG) AddRef() noexcept override { return ++m_references; }
    STDMETHODIMP_(ULONG) Release() noexcept override {
        const ULONG left = --m_references;
        if (left == 0) {
            delete this;
        }
        return left;
    }

    STDMETHODIMP CreateMetadata(VSS_ID writerId, LPCWSTR writerName, VSS_USAGE_TYPE usageType,
                                DWORD versionMajor, DWORD versionMinor, DWORD /*reserved*/,
                                IVssCreateExpressWriterMetadata** metadata) noexcept override try {
        if (metadata == nullptr || writerName == nullptr || writerId == GUID_NULL) {
            return E_INVALIDARG;
        }
        *metadata = nullptr;
        PlayFault(L"CreateMetadata", "CreateMetadata");
        auto document = std::make_shared<ExpressDocument>();
        document->writerId = writerId;
        document->name = writerName;
        document->usage = RequireUsage(usageType);
        document->versionMajor = versionMajor;
        document->versionMinor = versionMinor;
        *metadata = new ExpressMetadata{document};
        m_created = std::move(document);
        m_loaded.reset();
        return S_OK;
    } catch (...) {
        return win::CaughtHresult();
    }

    STDMETHODIMP LoadMetadata(LPCWSTR metadata, DWORD /*reserved*/) noexcept override try {
        if (metadata == nullptr) {
            return E_INVALIDARG;
        }
        PlayFault(L"LoadMetadata", "LoadMetadata");
        const auto writerId = WriterIdOf(metadata);
        if (!writerId) {
            return VSS_E_INVALID_XML_DOCUMENT;
        }
        m_loaded = Loaded{*writerId, metadata};
        m_created.reset();
        return S_OK;
    } catch (...) {
        return win::CaughtHresult();
    }

    STDMETHODIMP Register() noexcept override try {
        PlayFault(L"Register", "Register");
        if (m_loaded) {
            StoreDocument(m_loaded->writerId, m_loaded->xml);
            return S_OK;
        }
        if (m_created == nullptr) {
            return VSS_E_BAD_STATE;
        }
        if (!m_created->restoreMethod) {
            return VSS_E_INVALID_XML_DOCUMENT;
        }
        StoreDocument(m_created->writerId, ToXml(*m_created));
        return S_OK;
    } catch (...) {
        return win::CaughtHresult();
    }

    STDMETHODIMP Unregister(VSS_ID writerId) noexcept override try {
        PlayFault(L"Unregister", "Unregister");
        // The reference: the caller must have used CreateMetadata.
        if (m_created == nullptr) {
            return VSS_E_BAD_STATE;
        }
        RemoveDocument(writerId);
        return S_OK;
    } catch (...) {
        return win::CaughtHresult();
    }

  private:
    ~ExpressWriter() = default;

    struct Loaded {
        GUID writerId;
        std::wstring xml;
    };

    std::atomic<ULONG> m_references{1};
    std::shared_ptr<ExpressDocument> m_created;
    std::optional<Loaded> m_loaded;
};

}  // namespace
}  // namespace wsb::lab

extern "C" HRESULT WINAPI CreateVssExpressWriterInternal(IVssExpressWriter** writer) try {
    namespace lab = wsb::lab;
    if (writer == nullptr) {
        return E_INVALIDARG;
    }
    *writer = nullptr;
    const HRESULT played = lab::PlayedResult(L"CreateVssExpressWriterInternal");
    // S_FALSE too: in safe mode, a call can succeed and return nothing.
    if (played != S_OK) {
        return played;
    }
    if (!lab::IsAdministrator()) {
        return E_ACCESSDENIED;
    }
    *writer = new lab::ExpressWriter;
    return S_OK;
} catch (...) {
    return wsb::win::CaughtHresult();
}
