#include "pending-calls.hpp"

#include <string>
#include <utility>

namespace wsb {

Reply PendingCalls::Dispatch(const Call& call, uint32_t clientId) {
    const auto pending = std::make_shared<PendingCall>(call, clientId);
    const std::optional<uint32_t> id = Enter(pending);
    if (!id) {
        return DisconnectedReply();
    }
    // Nothing may fail between posting the event, which refers to `call`, and the wait.
    const std::chrono::milliseconds limit = m_limits[call.index()];
    if (std::optional<Reply> reply = pending->Wait(limit)) {
        return *std::move(reply);
    }
    {
        const std::lock_guard lock{m_mutex};
        m_calls.erase(*id);
        PostLocked(lock, {EventKind::kExpired, *id, nullptr});
    }
    return FailedReply(kTimedOut, L"The add-in did not answer within " +
                                      std::to_wstring(limit.count()) +
                                      L" ms. Run wsb-addin log to see the reason.");
}

std::optional<uint32_t> PendingCalls::Enter(const std::shared_ptr<PendingCall>& pending) {
    const std::lock_guard lock{m_mutex};
    const uint32_t id = ++m_lastId;
    const auto entered = m_calls.emplace(id, pending).first;
    try {
        if (PostLocked(lock, {EventKind::kCall, id, pending})) {
            return id;
        }
    } catch (...) {
        m_calls.erase(entered);
        throw;
    }
    m_calls.erase(entered);
    return std::nullopt;
}

void PendingCalls::AbortOperation(uint32_t id, AbortReason reason) noexcept try {
    const std::lock_guard lock{m_mutex};
    PostLocked(lock, {EventKind::kAbort, id, nullptr, reason});
} catch (...) {
    // Out of memory: the check has ended for its client; its handler runs until its limit.
}

void PendingCalls::ReportIdle() noexcept {
    const std::lock_guard lock{m_mutex};
    PostLocked(lock, {EventKind::kIdle, 0, nullptr});
}

void PendingCalls::ReportReplaced() noexcept {
    const std::lock_guard lock{m_mutex};
    PostLocked(lock, {EventKind::kReplaced, 0, nullptr});
}

std::optional<Event> PendingCalls::TakeEvent() {
    const std::lock_guard lock{m_mutex};
    if (m_events.empty()) {
        return std::nullopt;
    }
    Event event = std::move(m_events.front());
    m_events.pop_front();
    return event;
}

bool PendingCalls::Answer(uint32_t id, Reply reply, bool startsOperation) {
    std::shared_ptr<PendingCall> pending;
    {
        const std::lock_guard lock{m_mutex};
        const auto found = m_calls.find(id);
        if (found == m_calls.end()) {
            return false;
        }
        if (startsOperation) {
            reply.operation = std::make_shared<OperationState>(id);
            m_operations.emplace(id, reply.operation);
        }
        pending = std::move(found->second);
        m_calls.erase(found);
    }
    if (pending->Answer(std::move(reply))) {
        return true;
    }
    // The caller gave up at the same moment and does not know the operation.
    const std::lock_guard lock{m_mutex};
    m_operations.erase(id);
    return false;
}

bool PendingCalls::FinishOperation(uint32_t id, Hresult status) {
    const std::lock_guard lock{m_mutex};
    const auto found = m_operations.find(id);
    if (found == m_operations.end()) {
        return false;
    }
    const bool first = found->second->Finish(status);
    m_operations.erase(found);
    return first;
}

bool PendingCalls::Stop() {
    std::map<uint32_t, std::shared_ptr<PendingCall>> calls;
    {
        const std::lock_guard lock{m_mutex};
        if (m_stopped) {
            return false;
        }
        m_stopped = true;
        calls.swap(m_calls);
        m_events.clear();
        for (const auto& [id, operation] : m_operations) {
            operation->Finish(kDisconnected);
        }
        m_operations.clear();
    }
    for (const auto& [id, pending] : calls) {
        pending->SendAway();
    }
    return true;
}

bool PendingCalls::PostLocked(const std::lock_guard<std::mutex>& /*lock*/, Event event) {
    if (m_stopped) {
        return false;
    }
    m_events.push_back(std::move(event));
    if (m_post()) {
        return true;
    }
    m_events.pop_back();
    return false;
}

}  // namespace wsb
