#include "src/core/writer-events.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>
#include <vector>

#include "posts.hpp"
#include "seed.hpp"

namespace wsb::test {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

// Only a failing test waits that long.
constexpr milliseconds kLong{20'000};
constexpr milliseconds kShort{20};
constexpr auto kNonRetryable = static_cast<Hresult>(0x800423F4);

constexpr std::array kEndsOfFreeze{WriterEvent::kThaw, WriterEvent::kAbort,
                                   WriterEvent::kBackupShutdown};

WriterLimits SameLimit(milliseconds limit) {
    WriterLimits limits{};
    limits.fill(limit);
    return limits;
}

WriterRequest RequestFor(WriterEvent event) {
    WriterRequest request;
    request.event = event;
    return request;
}

/// The events with VSS's threads; the current thread answers.
struct Bed {
    explicit Bed(const WriterLimits& limits)
        : events(
              limits, [this] { return posts.Post(); }, [this] { ++stuck; }) {}

    std::future<std::optional<WriterFailure>> Send(WriterEvent event) {
        return std::async(std::launch::async,
                          [this, event] { return events.Deliver(RequestFor(event)); });
    }

    /// Waits for the next post and takes its notice.
    std::optional<WriterNotice> Next() {
        REQUIRE(posts.TakeUntil(Clock::now() + kLong));
        return events.Take();
    }

    uint32_t NextRequest(WriterEvent event) {
        const std::optional<WriterNotice> notice = Next();
        REQUIRE(notice);
        REQUIRE(notice->request != nullptr);
        REQUIRE(notice->request->event == event);
        return notice->id;
    }

    Posts posts;
    std::atomic<int> stuck = 0;
    WriterEvents events;
};

}  // namespace

TEST_SUITE("an event of a backup") {
    TEST_CASE("returns what the answering thread says") {
        Bed bed{SameLimit(kLong)};
        auto freeze = bed.Send(WriterEvent::kFreeze);
        CHECK(bed.events.Complete(bed.NextRequest(WriterEvent::kFreeze), std::nullopt));
        CHECK_FALSE(freeze.get());

        auto thaw = bed.Send(WriterEvent::kThaw);
        CHECK(bed.events.Complete(bed.NextRequest(WriterEvent::kThaw),
                                  WriterFailure{kNonRetryable, kUnexpected, L"broken"}));
        const auto failure = thaw.get();
        REQUIRE(failure);
        CHECK(failure->hresult == kNonRetryable);
        CHECK(failure->applicationHresult == kUnexpected);
        CHECK(failure->message == L"broken");
    }

    TEST_CASE("takes one answer") {
        Bed bed{SameLimit(kLong)};
        auto freeze = bed.Send(WriterEvent::kFreeze);
        const uint32_t id = bed.NextRequest(WriterEvent::kFreeze);
        CHECK(bed.events.Complete(id, std::nullopt));
        CHECK_FALSE(bed.events.Complete(id, std::nullopt));
        CHECK_FALSE(bed.events.Complete(id + 1, std::nullopt));
    }

    TEST_CASE("fails at its limit, and a later answer learns that") {
        WriterLimits limits = SameLimit(kLong);
        limits[static_cast<size_t>(WriterEvent::kFreeze)] = kShort;
        Bed bed{limits};
        const auto start = Clock::now();
        auto freeze = bed.Send(WriterEvent::kFreeze);
        const uint32_t id = bed.NextRequest(WriterEvent::kFreeze);
        const auto failure = freeze.get();
        CHECK(Clock::now() - start >= kShort);
        REQUIRE(failure);
        CHECK(failure->hresult == kWriterTimedOut);
        CHECK(failure->applicationHresult == kTimedOut);
        CHECK(failure->message.find(L"freeze within 20 ms") != std::wstring::npos);
        CHECK_FALSE(bed.events.Complete(id, std::nullopt));
        const auto notice = bed.Next();
        REQUIRE(notice);
        CHECK(notice->id == id);
        CHECK(notice->request == nullptr);
        CHECK(bed.stuck == 0);
    }

    TEST_CASE("of a freeze that nobody took in time is dropped, and nobody is stuck") {
        Bed bed{SameLimit(kShort)};
        CHECK(bed.Send(WriterEvent::kFreeze).get());
        CHECK_FALSE(bed.Next());
        CHECK(bed.Send(WriterEvent::kAbort).get());
        CHECK(bed.stuck == 0);
    }

    TEST_CASE("that ends a freeze is delivered late too") {
        for (const WriterEvent event : kEndsOfFreeze) {
            Bed bed{SameLimit(kShort)};
            CHECK(bed.Send(event).get());
            const uint32_t id = bed.NextRequest(event);
            CHECK_FALSE(bed.events.Complete(id, std::nullopt));
        }
    }

    TEST_CASE("that ends a delivered freeze and is not taken tells that the thread is stuck") {
        for (const WriterEvent event : kEndsOfFreeze) {
            WriterLimits limits = SameLimit(kShort);
            limits[static_cast<size_t>(WriterEvent::kFreeze)] = kLong;
            Bed bed{limits};
            auto freeze = bed.Send(WriterEvent::kFreeze);
            bed.events.Complete(bed.NextRequest(WriterEvent::kFreeze), std::nullopt);
            freeze.get();
            CHECK(bed.Send(WriterEvent::kPostSnapshot).get());
            CHECK(bed.stuck == 0);
            CHECK(bed.Send(event).get());
            CHECK(bed.stuck == 1);
        }
    }

    TEST_CASE("after the end of the freeze was taken, tells nothing") {
        WriterLimits limits = SameLimit(kLong);
        limits[static_cast<size_t>(WriterEvent::kBackupShutdown)] = kShort;
        Bed bed{limits};
        for (const WriterEvent event : {WriterEvent::kFreeze, WriterEvent::kThaw}) {
            auto sent = bed.Send(event);
            bed.events.Complete(bed.NextRequest(event), std::nullopt);
            sent.get();
        }
        CHECK(bed.Send(WriterEvent::kBackupShutdown).get());
        CHECK(bed.stuck == 0);
    }

    TEST_CASE("fails at a stop, taken or not, and at any time after") {
        Bed bed{SameLimit(kLong)};
        auto taken = bed.Send(WriterEvent::kFreeze);
        const uint32_t id = bed.NextRequest(WriterEvent::kFreeze);
        auto waiting = bed.Send(WriterEvent::kThaw);
        REQUIRE(bed.posts.TakeUntil(Clock::now() + kLong));
        bed.events.Stop();
        for (auto* sent : {&taken, &waiting}) {
            const auto failure = sent->get();
            REQUIRE(failure);
            CHECK(failure->hresult == kWriterRetryable);
            CHECK(failure->applicationHresult == kDisconnected);
        }
        CHECK_FALSE(bed.events.Complete(id, std::nullopt));
        const auto late = bed.Send(WriterEvent::kFreeze).get();
        REQUIRE(late);
        CHECK(late->hresult == kWriterRetryable);
        // The thaw, which nobody took, is delivered late; then the freeze has expired.
        const auto thaw = bed.events.Take();
        REQUIRE(thaw);
        CHECK(thaw->request != nullptr);
        const auto expired = bed.Next();
        REQUIRE(expired);
        CHECK(expired->id == id);
        CHECK(expired->request == nullptr);
    }

    TEST_CASE("fails when the answering thread has ended") {
        Bed bed{SameLimit(kLong)};
        bed.posts.Vanish();
        CHECK(bed.Send(WriterEvent::kFreeze).get());
    }

    TEST_CASE("is answered by its limit or by its answer, whoever was first") {
        // Each run decides anew. What Complete says is what the caller gets.
        Random random{0x11};
        for (int run = 0; run < 200; ++run) {
            Bed bed{SameLimit(milliseconds{1})};
            auto freeze = bed.Send(WriterEvent::kFreeze);
            REQUIRE(bed.posts.TakeUntil(Clock::now() + kLong));
            std::optional<WriterNotice> notice = bed.events.Take();
            std::this_thread::sleep_for(std::chrono::microseconds{random.Below(2000)});
            const bool isAccepted = notice && bed.events.Complete(notice->id, std::nullopt);
            CHECK(isAccepted == !freeze.get().has_value());
        }
    }
}

}  // namespace wsb::test
