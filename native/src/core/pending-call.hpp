#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "call-sink.hpp"

namespace wsb {

/// Returns the reply for every caller after JavaScript has stopped.
[[nodiscard]] Reply DisconnectedReply();

/// A COM call whose caller waits for the answer.
///
/// The call is in the caller's stack and RPC buffer, so it can be read only while the caller waits.
class PendingCall {
  public:
    /// @param clientId The id of the calling process, 0 when unknown.
    PendingCall(const Call& call, uint32_t clientId) noexcept
        : m_clientId(clientId), m_call(&call) {}
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;
    ~PendingCall() = default;

    [[nodiscard]] uint32_t ClientId() const noexcept { return m_clientId; }

    /// Blocks until the call is over; nothing when `limit` has passed. Only the caller's thread may
    /// call it, and only once.
    [[nodiscard]] std::optional<Reply> Wait(std::chrono::milliseconds limit);

    /// Runs `reader` with the call and keeps the caller from returning meanwhile.
    /// False when the call is over.
    template <typename Reader>
    bool Read(Reader reader) const {
        const std::lock_guard lock{m_mutex};
        if (m_state.load(std::memory_order_relaxed) != kWaiting) {
            return false;
        }
        reader(*m_call);
        return true;
    }

    /// Answers the call; false when it is over.
    bool Answer(Reply&& reply);

    /// Ends the call with `DisconnectedReply` unless it is over.
    void SendAway();

  private:
    // Plain words instead of an enum class, because the caller's thread waits on the word.
    static constexpr uint32_t kWaiting = 0;
    static constexpr uint32_t kAnswered = 1;
    static constexpr uint32_t kSentAway = 2;
    static constexpr uint32_t kExpired = 3;

    const uint32_t m_clientId;
    // Guards the members below. The state may be read without the lock, so it is atomic. Reading
    // the other members needs the lock, so memory_order_relaxed is enough.
    mutable std::mutex m_mutex;
    std::atomic<uint32_t> m_state{kWaiting};
    const Call* const m_call;
    Reply m_reply;
};

}  // namespace wsb
