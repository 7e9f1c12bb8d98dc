#pragma once

#include <napi.h>

#include <cstdint>
#include <memory>
#include <utility>

#include "core/call-sink.hpp"
#include "core/pending-calls.hpp"

namespace wsb {

/// The only bridge from COM threads to JavaScript.
///
/// A COM thread queues its call and waits, at most for the method's limit. The JavaScript thread
/// reads the arguments from the RPC buffer while the COM thread waits, and answers later by the
/// call's id. PendingCalls manages the waiting.
class JsDispatcher final : public CallSink, public std::enable_shared_from_this<JsDispatcher> {
  public:
    /// Creates the dispatcher on the JavaScript thread. `onEvent` receives the events of
    /// `ServerEvent` in binding.ts.
    static std::shared_ptr<JsDispatcher> Create(Napi::Env env, const Napi::Function& onEvent,
                                                const CallLimits& limits);

    // For COM threads:
    Reply Dispatch(const Call& call, uint32_t clientId) override {
        return m_calls.Dispatch(call, clientId);
    }
    void AbortOperation(uint32_t id, AbortReason reason) noexcept override {
        m_calls.AbortOperation(id, reason);
    }
    void ReportIdle() noexcept { m_calls.ReportIdle(); }
    void ReportReplaced() noexcept { m_calls.ReportReplaced(); }

    // For the JavaScript thread, like in PendingCalls:
    bool Answer(uint32_t id, Reply reply, bool startsOperation) {
        return m_calls.Answer(id, std::move(reply), startsOperation);
    }
    bool FinishOperation(uint32_t id, Hresult status) {
        return m_calls.FinishOperation(id, status);
    }

    /// Answers waiting and later callers with RPC_E_DISCONNECTED, ends every operation and lets the
    /// event loop end. Idempotent.
    void Stop();

  private:
    static void OnPosted(Napi::Env env, Napi::Function onEvent, JsDispatcher* self, void* data);
    using ThreadSafeFunction = Napi::TypedThreadSafeFunction<JsDispatcher, void, &OnPosted>;

    explicit JsDispatcher(const CallLimits& limits);

    void Deliver(Napi::Env env, const Napi::Function& onEvent, const Event& event);

    PendingCalls m_calls;
    ThreadSafeFunction m_function;
};

}  // namespace wsb
