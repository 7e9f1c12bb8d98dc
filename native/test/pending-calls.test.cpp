#include "src/core/pending-calls.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <new>
#include <thread>
#include <vector>

#include "allocation-failure.hpp"
#include "posts.hpp"
#include "seed.hpp"

namespace wsb::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Only a failing test waits that long.
constexpr milliseconds kLong{20'000};
constexpr milliseconds kShort{20};
constexpr uint32_t kClientId = 4711;
constexpr Hresult kOk = 0;
constexpr auto kAborted = static_cast<Hresult>(0x80004004);

Reply OkReply(const wchar_t* description) {
    Reply reply;
    reply.hresult = kOk;
    reply.description = description;
    return reply;
}

CallLimits SameLimit(milliseconds limit) {
    CallLimits limits{};
    limits.fill(limit);
    return limits;
}

/// The calls with callers' threads; the current thread answers.
struct Bed {
    explicit Bed(milliseconds limit) : calls(SameLimit(limit), [this] { return posts.Post(); }) {}

    std::future<Reply> Call(const wchar_t* componentName = nullptr) {
        return std::async(std::launch::async, [this, componentName] {
            return calls.Dispatch(PreRestoreCall{{nullptr, componentName, nullptr}, false},
                                  kClientId);
        });
    }

    /// Waits for the next event and returns it.
    Event Next() {
        REQUIRE(posts.TakeUntil(Clock::now() + kLong));
        const std::optional<Event> event = calls.TakeEvent();
        REQUIRE(event);
        return *event;
    }

    Posts posts;
    PendingCalls calls;
};

bool IsReadable(const Event& event) {
    return event.pending->Read([](const Call& /*call*/) {});
}

/// Repeats a dispatch after a number of other events until every allocation has failed once.
void CheckOutOfMemory(int earlierEvents) {
    size_t failures = 0;
    for (bool hasFailed = true; hasFailed; ++failures) {
        PendingCalls calls{SameLimit(milliseconds{0}), [] { return true; }};
        for (int event = 0; event < earlierEvents; ++event) {
            calls.ReportIdle();
        }
        std::optional<Reply> reply;
        {
            const AllocationFailure failure{failures};
            try {
                reply = calls.Dispatch(IsRollForwardSupportedCall{}, kClientId);
            } catch (const std::bad_alloc&) {
                reply = std::nullopt;
            }
            hasFailed = failure.HasHappened();
        }
        CHECK(hasFailed == !reply.has_value());
        CHECK((hasFailed || reply->hresult == kTimedOut));
        while (const std::optional<Event> event = calls.TakeEvent()) {
            CHECK((event->kind != EventKind::kCall || !IsReadable(*event)));
        }
        CHECK_FALSE(calls.Answer(1, OkReply(L"late"), false));
    }
    // At least the allocations of the call and its entry.
    CHECK(failures > 2);
}

}  // namespace

TEST_SUITE("PendingCalls") {
    TEST_CASE("gives each caller the answer to its own call, at once") {
        Bed bed{kLong};
        const auto start = Clock::now();
        auto first = bed.Call();
        const uint32_t firstId = bed.Next().id;
        auto second = bed.Call();
        const uint32_t secondId = bed.Next().id;
        CHECK(bed.calls.Answer(secondId, OkReply(L"second"), false));
        CHECK(second.get().description == L"second");
        CHECK(bed.calls.Answer(firstId, OkReply(L"first"), false));
        const Reply reply = first.get();
        CHECK(Clock::now() - start < kLong);
        CHECK(reply.description == L"first");
        CHECK(reply.hresult == kOk);
        CHECK(reply.operation == nullptr);
    }

    TEST_CASE("lets the answering thread read the caller's own arguments") {
        Bed bed{kLong};
        auto reply = bed.Call(L"Ledger");
        const Event event = bed.Next();
        std::wstring name;
        CHECK(event.kind == EventKind::kCall);
        CHECK(event.pending->Read([&](const Call& call) {
            name = std::get<PreRestoreCall>(call).component.componentName;
        }));
        CHECK(name == L"Ledger");
        CHECK(event.pending->ClientId() == kClientId);
        bed.calls.Answer(event.id, OkReply(L""), false);
        reply.get();
        CHECK_FALSE(IsReadable(event));
    }

    TEST_CASE("reports that nobody waits for an answer") {
        Bed bed{kLong};
        auto reply = bed.Call();
        const uint32_t id = bed.Next().id;
        CHECK_FALSE(bed.calls.Answer(id + 1, OkReply(L"unknown"), false));
        CHECK(bed.calls.Answer(id, OkReply(L"once"), false));
        CHECK_FALSE(bed.calls.Answer(id, OkReply(L"twice"), true));
        CHECK_FALSE(bed.calls.FinishOperation(id, kOk));
        CHECK(reply.get().description == L"once");
    }

    TEST_CASE("answers a caller at its method's limit, and not before") {
        CallLimits limits = SameLimit(kLong);
        limits[Call{IsRollForwardSupportedCall{}}.index()] = kShort;
        Posts posts;
        PendingCalls calls{limits, [&] { return posts.Post(); }};
        const auto start = Clock::now();
        const Reply reply = calls.Dispatch(IsRollForwardSupportedCall{}, kClientId);
        CHECK(Clock::now() - start >= kShort);
        CHECK(reply.hresult == kTimedOut);
        CHECK(reply.description.find(L" 20 ms") != std::wstring::npos);
        CHECK(reply.operation == nullptr);
    }

    TEST_CASE("posts the call, then its expiry at the limit, and refuses an answer") {
        Bed bed{kShort};
        CHECK(bed.Call().get().hresult == kTimedOut);
        const Event call = bed.Next();
        CHECK(call.kind == EventKind::kCall);
        CHECK_FALSE(IsReadable(call));
        const Event expired = bed.Next();
        CHECK(expired.kind == EventKind::kExpired);
        CHECK(expired.id == call.id);
        CHECK_FALSE(bed.calls.Answer(call.id, OkReply(L"late"), true));
        CHECK_FALSE(bed.calls.FinishOperation(call.id, kOk));
    }

    TEST_CASE("keeps the caller beyond its limit while its arguments are read") {
        Bed bed{kShort};
        auto reply = bed.Call();
        const Event event = bed.Next();
        std::atomic<bool> isReading = false;
        const bool wasWaiting = event.pending->Read([&](const Call& /*call*/) {
            isReading = true;
            CHECK(reply.wait_for(3 * kShort) == std::future_status::timeout);
            isReading = false;
        });
        CHECK(reply.get().hresult == kTimedOut);
        CHECK(wasWaiting);
        CHECK_FALSE(isReading);
    }

    TEST_CASE("either takes or refuses an answer at exactly the limit") {
        constexpr uint32_t kCalls = 500;
        constexpr milliseconds kLimit{1};
        Bed bed{kLimit};
        std::vector<Reply> replies(kCalls + 1);
        std::vector<bool> isTaken(kCalls + 1);
        {
            std::jthread caller{[&] {
                for (uint32_t id = 1; id <= kCalls; ++id) {
                    replies[id] = bed.calls.Dispatch(IsRollForwardSupportedCall{}, kClientId);
                }
            }};
            Random random{0};
            for (uint32_t id = 0; id < kCalls;) {
                const Event event = bed.Next();
                if (event.kind == EventKind::kCall) {
                    id = event.id;
                    std::this_thread::sleep_for(std::chrono::microseconds{random.Below(1000)});
                    isTaken[id] = bed.calls.Answer(id, OkReply(L"at the limit"), true);
                }
            }
        }
        for (uint32_t id = 1; id <= kCalls; ++id) {
            CAPTURE(id);
            CHECK(replies[id].hresult == (isTaken[id] ? kOk : kTimedOut));
            CHECK((replies[id].operation != nullptr) == isTaken[id]);
            CHECK(bed.calls.FinishOperation(id, kOk) == isTaken[id]);
        }
    }

    TEST_CASE("gives the operation to the caller, who can read its end") {
        Bed bed{kLong};
        auto waiting = bed.Call();
        const uint32_t id = bed.Next().id;
        CHECK(bed.calls.Answer(id, OkReply(L""), true));
        const Reply reply = waiting.get();
        REQUIRE(reply.operation);
        CHECK(reply.operation->Id() == id);
        CHECK(reply.operation->Status() == kAsyncInProgress);
        CHECK(bed.calls.FinishOperation(id, kOk));
        CHECK(reply.operation->Status() == kOk);
        CHECK_FALSE(bed.calls.FinishOperation(id, kAborted));
        CHECK_FALSE(reply.operation->Finish(kAborted));
        CHECK(reply.operation->Status() == kOk);
    }

    TEST_CASE("posts the abort of an operation with its reason") {
        Bed bed{kLong};
        auto waiting = bed.Call();
        const uint32_t id = bed.Next().id;
        bed.calls.Answer(id, OkReply(L""), true);
        const Reply reply = waiting.get();
        REQUIRE(reply.operation->Finish(kAborted));
        bed.calls.AbortOperation(id, AbortReason::kClientExited);
        const Event event = bed.Next();
        CHECK(event.kind == EventKind::kAbort);
        CHECK(event.reason == AbortReason::kClientExited);
        CHECK(event.id == id);
        CHECK_FALSE(bed.calls.FinishOperation(id, kOk));
        CHECK(reply.operation->Status() == kAborted);
    }

    TEST_CASE("posts that the server is idle, and that its script was replaced") {
        Bed bed{kLong};
        bed.calls.ReportIdle();
        CHECK(bed.Next().kind == EventKind::kIdle);
        bed.calls.ReportReplaced();
        CHECK(bed.Next().kind == EventKind::kReplaced);
    }

    TEST_CASE("answers all callers and ends the operations when it is stopped") {
        Bed bed{kLong};
        auto checking = bed.Call();
        const uint32_t checkId = bed.Next().id;
        bed.calls.Answer(checkId, OkReply(L""), true);
        const Reply check = checking.get();
        auto waiting = bed.Call();
        const Event event = bed.Next();

        CHECK(bed.calls.Stop());
        CHECK(waiting.get().hresult == kDisconnected);
        CHECK_FALSE(IsReadable(event));
        CHECK_FALSE(bed.calls.Answer(event.id, OkReply(L"late"), false));
        CHECK(check.operation->Status() == kDisconnected);
        CHECK_FALSE(bed.calls.FinishOperation(checkId, kOk));
        CHECK(bed.Call().get().hresult == kDisconnected);
        bed.calls.AbortOperation(checkId, AbortReason::kReleased);
        bed.calls.ReportIdle();
        CHECK_FALSE(bed.calls.TakeEvent());
        CHECK_FALSE(bed.calls.Stop());
    }

    TEST_CASE("discards waiting events when it is stopped") {
        Bed bed{kLong};
        auto waiting = bed.Call();
        REQUIRE(bed.posts.TakeUntil(Clock::now() + kLong));
        bed.calls.Stop();
        CHECK_FALSE(bed.calls.TakeEvent());
        CHECK(waiting.get().hresult == kDisconnected);
    }

    TEST_CASE("answers a caller at once when its call cannot be posted") {
        Bed bed{kLong};
        bed.posts.Vanish();
        CHECK(bed.Call().get().hresult == kDisconnected);
        CHECK_FALSE(bed.calls.TakeEvent());
        CHECK_FALSE(bed.calls.Answer(1, OkReply(L"late"), false));
    }

    TEST_CASE("forgets a call for which memory ran out at any point") {
        // The queue grows by several events at a time; this covers each of its states.
        constexpr int kEarlierEvents = 40;
        for (int earlier = 0; earlier < kEarlierEvents; ++earlier) {
            CheckOutOfMemory(earlier);
        }
    }

    TEST_CASE("takes another answer when memory ran out for the first") {
        size_t failures = 0;
        for (bool hasFailed = true; hasFailed; ++failures) {
            Bed bed{kLong};
            auto waiting = bed.Call();
            const uint32_t id = bed.Next().id;
            bool isAnswered = false;
            {
                const AllocationFailure failure{failures};
                try {
                    isAnswered = bed.calls.Answer(id, Reply{}, true);
                } catch (const std::bad_alloc&) {
                    isAnswered = false;
                }
                hasFailed = failure.HasHappened();
            }
            CHECK(isAnswered == !hasFailed);
            if (hasFailed) {
                CHECK(bed.calls.Answer(id, Reply{}, false));
                CHECK_FALSE(bed.calls.FinishOperation(id, kOk));
            }
            CHECK((waiting.get().operation == nullptr) == hasFailed);
        }
        // At least the operation and its entry.
        CHECK(failures > 2);
    }

    TEST_CASE("aborts even when memory has run out") {
        bool hasFailed = true;
        for (size_t failures = 0; hasFailed; ++failures) {
            PendingCalls calls{SameLimit(kLong), [] { return true; }};
            const AllocationFailure failure{failures};
            for (uint32_t id = 1; id <= 1000; ++id) {
                calls.AbortOperation(id, AbortReason::kAborted);
            }
            hasFailed = failure.HasHappened();
        }
    }
}

}  // namespace wsb::test
