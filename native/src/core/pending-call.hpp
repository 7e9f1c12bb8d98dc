#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

#include "call-sink.hpp"

namespace wsb {

/// What every caller gets once JavaScript has stopped.
[[nodiscard]] Reply DisconnectedReply();

/// A caller that waits for its answer.
///
/// The call is borrowed from the caller's stack and RPC buffer: it can be read while the caller
/// waits, and never after.
class PendingCall {
  public:
    /// @param clientId Process that calls, 0 when unknown.
    PendingCall(const Call& call, uint32_t clientId) noexcept
        : m_clientId(clientId), m_call(&call) {}
    PendingCall(const PendingCall&) = delete;
    PendingCall& operator=(const PendingCall&) = delete;
    ~PendingCall() = default;

    [[nodiscard]] uint32_t ClientId() const noexcept { return m_clientId; }

    /// The caller's thread, once: blocks until the call is over. Nothing when that was because
    /// `limit` had passed.
    [[nodiscard]] std::optional<Reply> Wait(std::chrono::milliseconds limit);

    /// Runs `reader` with the call, and keeps the caller from leaving meanwhile.
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

    /// False when the call is over.
    bool Answer(Reply&& reply);

    /// Ends the call with `DisconnectedReply`, unless it is over.
    void SendAway();

  private:
    // Words and no enum class: this is what the caller's thread waits on.
    static constexpr uint32_t kWaiting = 0;
    static constexpr uint32_t kAnswered = 1;
    static constexpr uint32_t kSentAway = 2;
    static constexpr uint32_t kExpired = 3;

    const uint32_t m_clientId;
    // Guards what follows. The state may be looked at without it, so the word is atomic; but to see
    // what goes with a state takes the lock, hence memory_order_relaxed.
    mutable std::mutex m_mutex;
    std::atomic<uint32_t> m_state{kWaiting};
    const Call* const m_call;
    Reply m_reply;
};

}  // namespace wsb
