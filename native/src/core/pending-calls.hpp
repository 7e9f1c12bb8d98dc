#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <variant>

#include "call-sink.hpp"
#include "pending-call.hpp"

namespace wsb {

/// How long the caller of each method waits, by the method's place in kMethodNames.
using CallLimits = std::array<std::chrono::milliseconds, std::variant_size_v<Call>>;

enum class EventKind {
    kCall,     // arrived; it is answered by its id
    kExpired,  // its caller has given up: an answer finds nobody
    kAbort,    // nobody wants the result any more of the operation that the call had started
    kIdle      // nothing uses the server any more; no id
};

/// What the answering thread learns.
struct Event {
    EventKind kind;
    uint32_t id;
    std::shared_ptr<PendingCall> pending;        // of kCall
    AbortReason reason = AbortReason::kAborted;  // of kAbort
};

/// Callers that wait for one other thread, JavaScript's, to answer them.
///
/// Their threads leave events for that thread and wait, bounded; it takes the events, one for each
/// time it was told of one, and answers by the call's id.
class PendingCalls {
  public:
    /// Tells the answering thread of one more event; false when that thread is gone.
    /// Runs with a lock held: it must not block, nor call anything here.
    using Post = std::function<bool()>;

    PendingCalls(const CallLimits& limits, Post post) : m_limits(limits), m_post(std::move(post)) {}

    // Callers' threads.

    /// Blocks until the call is answered, its limit has passed or the calls were stopped.
    [[nodiscard]] Reply Dispatch(const Call& call, uint32_t clientId);
    void AbortOperation(uint32_t id, AbortReason reason) noexcept;
    void ReportIdle() noexcept;

    // The answering thread.

    /// The oldest event; nothing when Stop has thrown it away.
    [[nodiscard]] std::optional<Event> TakeEvent();

    /// Answers a call; `reply.operation` is made here when `startsOperation`.
    /// False when nobody waits for it any more.
    bool Answer(uint32_t id, Reply reply, bool startsOperation);

    /// False when the operation is unknown or has ended already.
    bool FinishOperation(uint32_t id, Hresult status);

    /// Sends waiting and later callers away with `DisconnectedReply` and ends every operation.
    /// `post` does not run any more. False when that was done already.
    bool Stop();

  private:
    /// False when the answering thread is gone: the event does not stay behind then.
    bool PostLocked(const std::lock_guard<std::mutex>& lock, Event event);

    /// Nothing when the answering thread is gone.
    [[nodiscard]] std::optional<uint32_t> Enter(const std::shared_ptr<PendingCall>& pending);

    const CallLimits m_limits;
    const Post m_post;
    std::mutex m_mutex;  // guards what follows; never held while a caller waits
    bool m_stopped = false;
    uint32_t m_lastId = 0;
    std::deque<Event> m_events;
    std::map<uint32_t, std::shared_ptr<PendingCall>> m_calls;
    std::map<uint32_t, std::shared_ptr<OperationState>> m_operations;
};

}  // namespace wsb
