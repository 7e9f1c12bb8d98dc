#include "plain-check.hpp"

#include "core/hresult.hpp"
#include "server-process.hpp"

namespace wsb::bench {

PlainCheck::PlainCheck() noexcept : m_status(kAsyncInProgress) { EnterProcess(); }

PlainCheck::~PlainCheck() { LeaveProcess(); }

STDMETHODIMP PlainCheck::QueryInterface(REFIID iid, void** result) noexcept {
    if (result == nullptr) {
        return E_POINTER;
    }
    *result = nullptr;
    if (iid != IID_IUnknown && iid != com::kIidApplicationAsync) {
        return E_NOINTERFACE;
    }
    *result = static_cast<com::IWsbApplicationAsync*>(this);
    AddRef();
    return S_OK;
}

STDMETHODIMP_(ULONG) PlainCheck::AddRef() noexcept { return ++m_references; }

STDMETHODIMP_(ULONG) PlainCheck::Release() noexcept {
    const ULONG left = --m_references;
    if (left == 0) {
        delete this;
    }
    return left;
}

STDMETHODIMP PlainCheck::QueryStatus(HRESULT* phrResult) noexcept {
    if (phrResult == nullptr) {
        return E_POINTER;
    }
    *phrResult = m_status.load();
    return S_OK;
}

STDMETHODIMP PlainCheck::Abort() noexcept {
    m_status.store(E_ABORT);
    return S_OK;
}

}  // namespace wsb::bench
