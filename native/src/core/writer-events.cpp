#include "writer-events.hpp"

#include <utility>

#include "word-wait.hpp"

namespace wsb {
namespace {

std::wstring Widen(const char* ascii) {
    return {ascii, ascii + std::char_traits<char>::length(ascii)};
}

/// Tells whether the application must not stay frozen after an event.
bool EndsFreeze(WriterEvent event) {
    return event == WriterEvent::kThaw || event == WriterEvent::kAbort ||
           event == WriterEvent::kBackupShutdown;
}

WriterFailure StoppedFailure() {
    return {kWriterRetryable, kDisconnected, L"The writer is stopping."};
}

WriterFailure ExpiredFailure(WriterEvent event, std::chrono::milliseconds limit) {
    return {kWriterTimedOut, kTimedOut,
            L"The writer did not finish " + Widen(kWriterEventNames[static_cast<size_t>(event)]) +
                L" within " + std::to_wstring(limit.count()) +
                L" ms. Run wsb-addin log to see the reason."};
}

}  // namespace

WriterEvents::WriterEvents(const WriterLimits& limits, Post post, std::function<void()> onStuck)
    : m_limits(limits), m_post(std::move(post)), m_onStuck(std::move(onStuck)) {}

std::optional<WriterFailure> WriterEvents::Deliver(WriterRequest request) {
    const WriterEvent event = request.event;
    const std::chrono::milliseconds limit = m_limits[static_cast<size_t>(event)];
    uint32_t id = 0;
    const std::shared_ptr<Waiting> waiting = Enter(std::move(request), id);
    if (waiting == nullptr) {
        return StoppedFailure();
    }
    WaitForChange(waiting->isOver, 0, limit);
    bool isStuck = false;
    {
        const std::lock_guard lock{m_mutex};
        if (waiting->isOver.load(std::memory_order_relaxed) != 0) {
            return std::move(waiting->failure);
        }
        isStuck = Expire(lock, id, *waiting);
    }
    if (isStuck) {
        m_onStuck();
    }
    return ExpiredFailure(event, limit);
}

std::shared_ptr<WriterEvents::Waiting> WriterEvents::Enter(WriterRequest&& request, uint32_t& id) {
    auto waiting = std::make_shared<Waiting>();
    waiting->request = std::make_shared<const WriterRequest>(std::move(request));
    const std::lock_guard lock{m_mutex};
    id = ++m_lastId;
    const auto entered = m_waiting.emplace(id, waiting).first;
    try {
        if (PostLocked(lock, {id, waiting->request})) {
            return waiting;
        }
    } catch (...) {
        m_waiting.erase(entered);
        throw;
    }
    m_waiting.erase(entered);
    return nullptr;
}

bool WriterEvents::Expire(const std::lock_guard<std::mutex>& lock, uint32_t id,
                          const Waiting& waiting) {
    // What ends a freeze is delivered late too; another event that was not taken is dropped.
    m_waiting.erase(id);
    if (waiting.isTaken) {
        PostLocked(lock, {id, nullptr});
        return false;
    }
    return m_owesThaw && EndsFreeze(waiting.request->event);
}

std::optional<WriterNotice> WriterEvents::Take() {
    const std::lock_guard lock{m_mutex};
    if (m_notices.empty()) {
        return std::nullopt;
    }
    WriterNotice notice = std::move(m_notices.front());
    m_notices.pop_front();
    if (notice.request == nullptr) {
        return notice;
    }
    const WriterEvent event = notice.request->event;
    const auto found = m_waiting.find(notice.id);
    if (found != m_waiting.end()) {
        found->second->isTaken = true;
    } else if (!EndsFreeze(event)) {
        return std::nullopt;
    }
    if (event == WriterEvent::kFreeze || EndsFreeze(event)) {
        m_owesThaw = event == WriterEvent::kFreeze;
    }
    return notice;
}

bool WriterEvents::Complete(uint32_t id, std::optional<WriterFailure> failure) {
    std::shared_ptr<Waiting> waiting;
    {
        const std::lock_guard lock{m_mutex};
        const auto found = m_waiting.find(id);
        if (found == m_waiting.end()) {
            return false;
        }
        waiting = std::move(found->second);
        m_waiting.erase(found);
        waiting->failure = std::move(failure);
        waiting->isOver.store(1, std::memory_order_relaxed);
    }
    WakeWaiter(waiting->isOver);
    return true;
}

void WriterEvents::Stop() {
    std::map<uint32_t, std::shared_ptr<Waiting>> ended;
    {
        const std::lock_guard lock{m_mutex};
        for (const auto& [id, waiting] : m_waiting) {
            waiting->failure = StoppedFailure();
            if (waiting->isTaken) {
                PostLocked(lock, {id, nullptr});
            }
            waiting->isOver.store(1, std::memory_order_relaxed);
        }
        ended.swap(m_waiting);
        m_isStopped = true;
    }
    for (const auto& [id, waiting] : ended) {
        WakeWaiter(waiting->isOver);
    }
}

bool WriterEvents::PostLocked(const std::lock_guard<std::mutex>& /*lock*/, WriterNotice notice) {
    if (m_isStopped) {
        return false;
    }
    m_notices.push_back(std::move(notice));
    if (m_post()) {
        return true;
    }
    m_notices.pop_back();
    return false;
}

}  // namespace wsb
