#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "answering-thread.hpp"
#include "posts.hpp"
#include "seed.hpp"
#include "src/core/pending-calls.hpp"

// Many callers against an answering side that makes every mistake in random order. Each caller must
// still get exactly one reply, in time, and the right one.

namespace wsb::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr uint32_t kRounds = 40;
constexpr uint32_t kCallers = 6;
constexpr uint32_t kCallsEach = 50;
constexpr milliseconds kLongestLimit{12};
// Allows for a busy machine.
constexpr milliseconds kTolerance{5000};

constexpr Hresult kOk = 0;
constexpr auto kAborted = static_cast<Hresult>(0x80004004);

/// The result of a call for its caller.
struct CallerRecord {
    std::wstring token;
    Reply reply;
    milliseconds limit{};
    Clock::duration waited{};
    uint32_t aborts = 0;  // aborts that ended the operation
};

/// The arguments of a call, in memory that is freed when the call returns, like the RPC buffer.
class Arguments {
  public:
    explicit Arguments(const std::wstring& token)
        : m_token(token.c_str(), token.c_str() + token.size() + 1),
          m_strings{nullptr, m_token.data()} {}

    [[nodiscard]] Call Make(uint32_t method) const {
        const BorrowedComponent component{nullptr, m_token.data(), nullptr};
        switch (method) {
            case 0:
                return PreRestoreCall{component, true};
            case 1:
                return PostRestoreCall{component, false};
            case 2:
                return OrderComponentsCall{{m_strings.data() + 1, 1}, {m_strings.data(), 1}};
            default:
                return CheckConsistencyCall{component, 2, m_strings.data(), nullptr};
        }
    }

  private:
    std::vector<wchar_t> m_token;
    std::vector<wchar_t*> m_strings;
};

class Caller {
  public:
    Caller(PendingCalls& calls, const CallLimits& limits, Random random, std::wstring name)
        : m_calls(calls), m_limits(limits), m_random(random), m_name(std::move(name)) {}

    void Run() {
        for (uint32_t number = 0; number < kCallsEach; ++number) {
            CallerRecord record;
            record.token = m_name + std::to_wstring(number);
            Dispatch(record);
            if (record.reply.operation && m_random.OneIn(2)) {
                Abort(record);
            }
            m_records.push_back(std::move(record));
        }
    }

    [[nodiscard]] const std::vector<CallerRecord>& Records() const { return m_records; }

  private:
    void Dispatch(CallerRecord& record) {
        const Arguments arguments{record.token};
        const Call call = arguments.Make(m_random.Below(4));
        record.limit = m_limits[call.index()];
        const auto start = Clock::now();
        record.reply = m_calls.Dispatch(call, 0);
        record.waited = Clock::now() - start;
    }

    // Like com::AsyncOperation.
    void Abort(CallerRecord& record) {
        OperationState& operation = *record.reply.operation;
        std::atomic<uint32_t> ends = 0;
        const auto endEarly = [&](AbortReason reason) {
            if (operation.Finish(kAborted)) {
                ++ends;
                m_calls.AbortOperation(operation.Id(), reason);
            }
        };
        std::jthread exitWatch;
        if (m_random.OneIn(4)) {
            exitWatch = std::jthread{[&] { endEarly(AbortReason::kClientExited); }};
        }
        endEarly(AbortReason::kAborted);
        if (exitWatch.joinable()) {
            exitWatch.join();
        }
        record.aborts = ends;
    }

    PendingCalls& m_calls;
    const CallLimits& m_limits;
    Random m_random;
    const std::wstring m_name;
    std::vector<CallerRecord> m_records;
};

CallLimits ChooseLimits(Random& random) {
    CallLimits limits{};
    for (milliseconds& limit : limits) {
        limit = milliseconds{random.Below(kLongestLimit.count() + 1)};
    }
    return limits;
}

/// A round of callers against one answering thread, until both have ended.
class Round {
  public:
    explicit Round(uint32_t number)
        : m_random(uint64_t{number} << 32),
          m_limits(ChooseLimits(m_random)),
          m_isCutShort(m_random.OneIn(2)),
          m_calls(m_limits, [this] { return m_posts.Post(); }),
          m_answering(m_posts, m_calls, Random{(uint64_t{number} << 32) + 1}, kLongestLimit) {
        for (uint32_t index = 0; index < kCallers; ++index) {
            m_callers.push_back(std::make_unique<Caller>(
                m_calls, m_limits, Random{(uint64_t{number} << 32) + 2 + index},
                std::to_wstring(index) + L"."));
        }
    }

    void Run() {
        const uint32_t all = kCallers * kCallsEach;
        const uint32_t most = m_isCutShort ? 1 + m_random.Below(all) : 10 * all;
        std::jthread answering{[&] { m_answering.Run(most); }};
        {
            std::vector<std::jthread> threads;
            for (const auto& caller : m_callers) {
                threads.emplace_back([&caller] { caller->Run(); });
            }
        }
        m_answering.Finish();
    }

    void Check() {
        std::map<std::wstring, AnsweredCall> answeredByToken;
        uint32_t accepted = 0;
        uint32_t expiries = 0;
        for (const auto& [id, answered] : m_answering.Calls()) {
            CHECK_FALSE(answered.isOutOfOrder);
            accepted += answered.accepted;
            expiries += answered.expiries;
            answeredByToken.emplace(answered.token, answered);
        }
        uint32_t succeeded = 0;
        uint32_t timedOut = 0;
        for (const auto& caller : m_callers) {
            for (const CallerRecord& record : caller->Records()) {
                CheckOne(record, answeredByToken[record.token]);
                succeeded += record.reply.hresult == kOk ? 1 : 0;
                timedOut += record.reply.hresult == kTimedOut ? 1 : 0;
            }
        }
        CHECK(succeeded == accepted);
        // The answering side learns of every timeout, unless it was stopped first.
        CHECK((expiries == timedOut || (m_isCutShort && expiries < timedOut)));
    }

  private:
    void CheckOne(const CallerRecord& record, const AnsweredCall& answered) const {
        CHECK(record.waited <= record.limit + kTolerance);
        switch (record.reply.hresult) {
            case kOk:
                CHECK(answered.accepted == 1);
                CHECK(answered.expiries == 0);
                CHECK(record.reply.description == record.token);
                break;
            case kTimedOut:
                CHECK(record.waited >= record.limit);
                CHECK(answered.accepted == 0);
                CHECK(answered.expiries <= 1);
                break;
            case kDisconnected:
                CHECK(m_isCutShort);
                CHECK(answered.accepted == 0);
                break;
            default:
                FAIL_CHECK("an unknown reply");
        }
        CheckOperation(record, answered);
    }

    static void CheckOperation(const CallerRecord& record, const AnsweredCall& answered) {
        if (!record.reply.operation) {
            return;
        }
        CHECK(record.reply.hresult == kOk);
        CHECK(record.reply.operation.use_count() == 1);
        const Hresult status = record.reply.operation->Status();
        // The operation ended exactly once: by its client, by the answering side or by the stop.
        CHECK(answered.finishes + record.aborts + (status == kDisconnected ? 1 : 0) == 1);
        CHECK(answered.aborts <= record.aborts);
        CHECK((status == kAborted) == (record.aborts == 1));
        CHECK((status == kOk) == (answered.finishes == 1));
    }

    Random m_random;
    const CallLimits m_limits;
    const bool m_isCutShort;
    Posts m_posts;
    PendingCalls m_calls;
    AnsweringThread m_answering;
    std::vector<std::unique_ptr<Caller>> m_callers;
};

}  // namespace

TEST_CASE("PendingCalls always gives every caller exactly one reply, in time") {
    for (uint32_t number = 0; number < kRounds; ++number) {
        CAPTURE(number);
        Round round{number};
        round.Run();
        round.Check();
    }
}

}  // namespace wsb::test
