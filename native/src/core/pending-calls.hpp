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

/// The time limit of each method's caller, by the method's index in kMethodNames.
using CallLimits = std::array<std::chrono::milliseconds, std::variant_size_v<Call>>;

enum class EventKind {
    kCall,     // a call arrived; it is answered by its id
    kExpired,  // the caller gave up; an answer is ignored
    kAbort,    // the client aborted the operation that the call started
    kIdle,     // the server is idle; no id
    kReplaced  // the server is in use, and its script was replaced; no id
};

/// An event for the answering thread.
struct Event {
    EventKind kind;
    uint32_t id;
    std::shared_ptr<PendingCall> pending;        // of kCall
    AbortReason reason = AbortReason::kAborted;  // of kAbort
};

/// The calls that wait for an answer from one other thread, the JavaScript thread.
///
/// The callers' threads queue events and wait with a limit. The answering thread takes one event
/// for each notification and answers by the call's id.
class PendingCalls {
  public:
    /// Notifies the answering thread of a new event; false when that thread has ended.
    /// Runs with a lock held: it must not block or call this class.
    using Post = std::function<bool()>;

    PendingCalls(const CallLimits& limits, Post post) : m_limits(limits), m_post(std::move(post)) {}

    // For callers' threads:

    /// Passes on a call and blocks until it is answered, its limit has passed or Stop was called.
    [[nodiscard]] Reply Dispatch(const Call& call, uint32_t clientId);
    void AbortOperation(uint32_t id, AbortReason reason) noexcept;
    void ReportIdle() noexcept;
    void ReportReplaced() noexcept;

    // For the answering thread:

    /// Takes the oldest event; nothing when Stop has discarded it.
    [[nodiscard]] std::optional<Event> TakeEvent();

    /// Answers a call; makes `reply.operation` when `startsOperation`.
    /// False when the caller no longer waits.
    bool Answer(uint32_t id, Reply reply, bool startsOperation);

    /// Ends an operation; false when it is unknown or has already ended.
    bool FinishOperation(uint32_t id, Hresult status);

    /// Answers waiting and later callers with `DisconnectedReply` and ends every operation. `post`
    /// does not run after it. False at a second call.
    bool Stop();

  private:
    /// Queues an event; false when the answering thread has ended, and then the event is dropped.
    bool PostLocked(const std::lock_guard<std::mutex>& lock, Event event);

    /// Adds a call and returns its id; nothing when the answering thread has ended.
    [[nodiscard]] std::optional<uint32_t> Enter(const std::shared_ptr<PendingCall>& pending);

    const CallLimits m_limits;
    const Post m_post;
    std::mutex m_mutex;  // guards the members below; never held while a caller waits
    bool m_stopped = false;
    uint32_t m_lastId = 0;
    std::deque<Event> m_events;
    std::map<uint32_t, std::shared_ptr<PendingCall>> m_calls;
    std::map<uint32_t, std::shared_ptr<OperationState>> m_operations;
};

}  // namespace wsb
