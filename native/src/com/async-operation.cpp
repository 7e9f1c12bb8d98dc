#include "async-operation.hpp"

#include <utility>

namespace wsb::com {
namespace {

void EndEarly(OperationState& state, CallSink& sink, AbortReason reason) noexcept {
    if (state.Finish(E_ABORT)) {
        sink.AbortOperation(state.Id(), reason);
    }
}

}  // namespace

AsyncOperation::AsyncOperation(std::shared_ptr<OperationState> state,
                               std::shared_ptr<CallSink> sink, ServerUse use,
                               std::optional<win::Process> client) noexcept
    : m_state(std::move(state)), m_sink(std::move(sink)), m_use(std::move(use)) {
    if (!client) {
        return;
    }
    try {
        m_clientWatch.emplace(*std::move(client), [endedState = m_state, endedSink = m_sink] {
            EndEarly(*endedState, *endedSink, AbortReason::kClientExited);
        });
    } catch (...) {
        // Out of resources: a check without a watch is better than no check.
    }
}

AsyncOperation::~AsyncOperation() { EndEarly(*m_state, *m_sink, AbortReason::kReleased); }

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
    EndEarly(*m_state, *m_sink, AbortReason::kAborted);
    return S_OK;
}

}  // namespace wsb::com
