#include "pending-call.hpp"

#include <utility>

#include "word-wait.hpp"

namespace wsb {

Reply DisconnectedReply() { return FailedReply(kDisconnected, L"The add-in is shutting down."); }

std::optional<Reply> PendingCall::Wait(std::chrono::milliseconds limit) {
    WaitForChange(m_state, kWaiting, limit);
    const std::lock_guard lock{m_mutex};
    switch (m_state.load()) {
        case kAnswered:
            return std::move(m_reply);
        case kSentAway:
            return DisconnectedReply();
        default:
            m_state = kExpired;
            return std::nullopt;
    }
}

bool PendingCall::Answer(Reply&& reply) {
    {
        const std::lock_guard lock{m_mutex};
        if (m_state.load() != kWaiting) {
            return false;
        }
        m_reply = std::move(reply);
        m_state = kAnswered;
    }
    WakeWaiter(m_state);
    return true;
}

void PendingCall::SendAway() {
    {
        const std::lock_guard lock{m_mutex};
        if (m_state.load() != kWaiting) {
            return;
        }
        m_state = kSentAway;
    }
    WakeWaiter(m_state);
}

}  // namespace wsb
