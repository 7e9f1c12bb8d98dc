#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "posts.hpp"
#include "seed.hpp"
#include "src/core/pending-calls.hpp"

namespace wsb::test {

/// The actions and observations of the answering side for a call.
struct AnsweredCall {
    std::wstring token;  // the caller's component name
    uint32_t accepted = 0;
    uint32_t expiries = 0;
    uint32_t aborts = 0;
    uint32_t finishes = 0;  // calls of FinishOperation that ended the operation
    bool isOutOfOrder = false;
};

/// A simulated JavaScript side that answers at random: in time, late, twice, never or with unknown
/// ids, and finishes operations sooner or later.
class AnsweringThread {
  public:
    /// @param longest The longest limit of a call; a late answer may come after it.
    AnsweringThread(Posts& posts, PendingCalls& calls, Random random,
                    std::chrono::milliseconds longest)
        : m_posts(posts), m_calls(calls), m_random(random), m_longest(longest) {}

    /// Answers until Finish or until `most` events, then stops the calls.
    void Run(uint32_t most);

    /// Declares that no more calls will come. Any thread may call it.
    void Finish();

    /// Returns the calls by id; use it after Run.
    [[nodiscard]] const std::map<uint32_t, AnsweredCall>& Calls() const { return m_seen; }

  private:
    using Clock = std::chrono::steady_clock;
    enum class Act { kAnswer, kStartOperation, kFinish };
    struct Task {
        Act act;
        uint32_t id;
    };

    void HandleOne();
    void HandleCall(const Event& event);
    void Plan(Act act, uint32_t id);
    void Do(const Task& task);
    void Answer(uint32_t id, bool startsOperation);

    Posts& m_posts;
    PendingCalls& m_calls;
    Random m_random;
    const std::chrono::milliseconds m_longest;
    std::atomic<bool> m_finished = false;
    std::map<uint32_t, AnsweredCall> m_seen;
    std::multimap<Clock::time_point, Task> m_tasks;
};

}  // namespace wsb::test
