#include "async-operation.hpp"

#include <utility>

namespace wsb::com {

AsyncOperation::AsyncOperation(std::shared_ptr<OperationState> state,
                               std::shared_ptr<CallSink> sink, ServerUse use) noexcept
    : m_state(std::move(state)), m_sink(std::move(sink)), m_use(std::move(use)) {}

AsyncOperation::~AsyncOperation() { static_cast<void>(AsyncOperation::Abort()); }

STDMETHODIMP AsyncOperation::QueryInterface(REFIID iid, void** result) noexcept {
    if (result == nullptr) {
        return E_POINTER;
    }
    *result = nullptr;
    if (iid != IID_IUnknown && iid != kIidApplicationAsync) {
        return E_NOINTERFACE;
    }
    *result = static_cast<IWsbApplicationAsync*>(this);
    AddRef();
    return S_OK;
}

STDMETHODIMP_(ULONG) AsyncOperation::AddRef() noexcept { return ++m_references; }

STDMETHODIMP_(ULONG) AsyncOperation::Release() noexcept {
    const ULONG left = --m_references;
    if (left == 0) {
        delete this;
    }
    return left;
}

STDMETHODIMP AsyncOperation::QueryStatus(HRESULT* phrResult) noexcept {
    if (phrResult == nullptr) {
        return E_POINTER;
    }
    *phrResult = m_state->Status();
    return S_OK;
}

STDMETHODIMP AsyncOperation::Abort() noexcept {
    if (m_state->Finish(E_ABORT)) {
        m_sink->AbortOperation(m_state->Id());
    }
    return S_OK;
}

}  // namespace wsb::com
