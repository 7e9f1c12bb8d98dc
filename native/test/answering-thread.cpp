#include "answering-thread.hpp"

#include <optional>
#include <utility>
#include <variant>

namespace wsb::test {
namespace {

// Far above any id in use.
constexpr uint32_t kUnknownIds = 1'000'000;

/// Returns the token that the caller wrote into its call.
std::wstring TokenOf(const Call& call) {
    struct Names {
        const wchar_t* operator()(const PreRestoreCall& it) { return it.component.componentName; }
        const wchar_t* operator()(const PostRestoreCall& it) { return it.component.componentName; }
        const wchar_t* operator()(const OrderComponentsCall& it) { return it.names.front(); }
        const wchar_t* operator()(const IsRollForwardSupportedCall& /*it*/) { return L""; }
        const wchar_t* operator()(const CheckConsistencyCall& it) {
            return it.sourceVolumePaths[it.volumeCount - 1];
        }
    };
    return std::visit(Names{}, call);
}

}  // namespace

void AnsweringThread::Run(uint32_t most) {
    for (uint32_t events = 0; events < most && !m_finished;) {
        const bool isIdle = m_tasks.empty();
        if (m_posts.TakeUntil(isIdle ? Clock::now() + m_longest : m_tasks.begin()->first)) {
            HandleOne();
            ++events;
        } else if (!isIdle) {
            const Task task = m_tasks.begin()->second;
            m_tasks.erase(m_tasks.begin());
            Do(task);
        }
    }
    if (m_finished) {
        while (m_posts.TakeUntil(Clock::now())) {
            HandleOne();
        }
    } else if (m_random.OneIn(2)) {
        // Stops while callers are active.
        m_posts.Vanish();
    }
    m_calls.Stop();
    // The planned tasks run too late now.
    for (const auto& [time, task] : m_tasks) {
        Do(task);
    }
}

void AnsweringThread::Finish() {
    m_finished = true;
    m_posts.Post();
}

void AnsweringThread::HandleOne() {
    const std::optional<Event> event = m_calls.TakeEvent();
    if (!event) {
        return;
    }
    AnsweredCall& seen = m_seen[event->id];
    switch (event->kind) {
        case EventKind::kCall:
            HandleCall(*event);
            break;
        case EventKind::kExpired:
            ++seen.expiries;
            if (m_random.OneIn(4)) {
                Answer(event->id, m_random.OneIn(2));
            }
            break;
        case EventKind::kAbort:
            ++seen.aborts;
            seen.isOutOfOrder = seen.isOutOfOrder || seen.accepted == 0;
            if (m_random.OneIn(2)) {
                Plan(Act::kFinish, event->id);
            }
            break;
        default:
            break;
    }
}

void AnsweringThread::HandleCall(const Event& event) {
    AnsweredCall& seen = m_seen[event.id];
    seen.isOutOfOrder = seen.isOutOfOrder || seen.accepted + seen.expiries > 0;
    if (!event.pending->Read([&](const Call& call) { seen.token = TokenOf(call); })) {
        return;
    }
    const bool startsOperation = m_random.OneIn(2);
    switch (m_random.Below(6)) {
        case 0:
        case 1:
            Answer(event.id, startsOperation);
            break;
        case 2:
            Answer(event.id, startsOperation);
            Answer(event.id, !startsOperation);
            break;
        case 3:
            Answer(event.id + kUnknownIds, startsOperation);
            [[fallthrough]];
        case 4:
            Plan(startsOperation ? Act::kStartOperation : Act::kAnswer, event.id);
            break;
        default:
            break;  // never
    }
}

void AnsweringThread::Plan(Act act, uint32_t id) {
    const auto microseconds = std::chrono::microseconds{m_longest}.count() * 3 / 2;
    const std::chrono::microseconds delay{m_random.Below(static_cast<uint32_t>(microseconds))};
    m_tasks.emplace(Clock::now() + delay, Task{act, id});
}

void AnsweringThread::Do(const Task& task) {
    if (task.act == Act::kFinish) {
        m_seen[task.id].finishes += m_calls.FinishOperation(task.id, 0) ? 1 : 0;
        return;
    }
    Answer(task.id, task.act == Act::kStartOperation);
}

void AnsweringThread::Answer(uint32_t id, bool startsOperation) {
    Reply reply;
    reply.hresult = 0;
    const auto seen = m_seen.find(id);
    reply.description = seen == m_seen.end() ? L"nobody's" : seen->second.token;
    if (!m_calls.Answer(id, std::move(reply), startsOperation)) {
        return;
    }
    ++m_seen[id].accepted;
    if (!startsOperation) {
        return;
    }
    if (m_random.OneIn(3)) {
        // Races with an abort by the caller.
        m_seen[id].finishes += m_calls.FinishOperation(id, 0) ? 1 : 0;
    } else if (m_random.OneIn(2)) {
        Plan(Act::kFinish, id);
    }
}

}  // namespace wsb::test
