#pragma once

#include <napi.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <variant>

#include "com/call-sink.hpp"

namespace wsb {

/// How long the caller of each method waits, by the method's place in com::kMethodNames.
using CallLimits = std::array<std::chrono::milliseconds, std::variant_size_v<com::Call>>;

/// The only crossing from COM threads to JavaScript.
///
/// A COM thread queues its call and waits, bounded by the method's limit. The JavaScript thread
/// reads the arguments straight from the RPC buffer while that thread waits, and answers later by
/// the call's id.
class JsDispatcher final : public com::CallSink, public std::enable_shared_from_this<JsDispatcher> {
  public:
    /// JavaScript thread. `onEvent` receives the events of `ServerEvent` in binding.ts.
    static std::shared_ptr<JsDispatcher> Create(Napi::Env env, const Napi::Function& onEvent,
                                                const CallLimits& limits);

    // COM threads.
    com::Reply Dispatch(const com::Call& call, DWORD clientId) override;
    void AbortOperation(uint32_t id, com::AbortReason reason) noexcept override;
    void ReportIdle() noexcept;

    // JavaScript thread.

    /// Answers a call; `reply.operation` is made here when `startsOperation`.
    /// False when nobody waits for it any more.
    bool Answer(uint32_t id, com::Reply reply, bool startsOperation);

    /// False when the operation is unknown or has ended already.
    bool FinishOperation(uint32_t id, HRESULT status);

    /// Sends waiting and later callers away with RPC_E_DISCONNECTED, ends every operation and lets
    /// the event loop end. Idempotent.
    void Stop();

  private:
    struct WaitingCall;
    struct CallEvent {
        uint32_t id;
        std::shared_ptr<WaitingCall> waiting;
    };
    struct ExpiredEvent {
        uint32_t id;
    };
    struct AbortEvent {
        uint32_t id;
        com::AbortReason reason;
    };
    struct IdleEvent {};
    using Event = std::variant<CallEvent, ExpiredEvent, AbortEvent, IdleEvent>;

    static void OnPosted(Napi::Env env, Napi::Function onEvent, JsDispatcher* self, void* data);
    using ThreadSafeFunction = Napi::TypedThreadSafeFunction<JsDispatcher, void, &OnPosted>;

    explicit JsDispatcher(const CallLimits& limits) : m_limits(limits) {}

    /// False when JavaScript has stopped.
    bool PostLocked(const std::lock_guard<std::mutex>& lock, Event event);
    void Deliver(Napi::Env env, const Napi::Function& onEvent, const Event& event);

    const CallLimits m_limits;
    std::mutex m_mutex;  // guards what follows; never held while JavaScript runs or a call waits
    bool m_stopped = false;
    uint32_t m_lastId = 0;
    std::deque<Event> m_events;
    std::map<uint32_t, std::shared_ptr<WaitingCall>> m_calls;
    std::map<uint32_t, std::shared_ptr<com::OperationState>> m_operations;
    ThreadSafeFunction m_function;
};

}  // namespace wsb
