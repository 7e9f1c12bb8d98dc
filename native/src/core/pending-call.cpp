#include "pending-call.hpp"

#include <utility>

#include "word-wait.hpp"

namespace wsb {

Reply DisconnectedReply() { return FailedReply(kDisconnected, L"The add-in is shutting down."); }

std::optional<Reply> PendingCall::Wait(std::chrono::milliseconds limit) {
    WaitForChange(m_state, kWaiting, limit);
    const std::lock_guard lock{m_mutex};
    switch (m_state.load(std::memory_order_relaxed)) {
        case kAnswered:
            return std::move(m_reply);
        case kSentAway:
            return DisconnectedReply();
        default:
            m_state.store(kExpired, std::memory_order_relaxed);
            return std::nullopt;
    }
}

bool PendingCall::Answer(Reply&& reply) {
    {
        const std::lock_guard lock{m_mutex};
        if (m_state.load(std::memory_order_relaxed) != kWaiting) {
            return false;
        }
        m_reply = std::move(reply);
        m_state.store(kAnswered, std::memory_order_relaxed);
    }
    WakeWaiter(m_state);
    return true;
}

void PendingCall::SendAway() {
    {
        const std::lock_guard lock{m_mutex};
        if (m_state.load(std::memory_order_relaxed) != kWaiting) {
            return;
        }
        m_state.store(kSentAway, std::memory_order_relaxed);
    }
    WakeWaiter(m_state);
}

}  // namespace wsb
