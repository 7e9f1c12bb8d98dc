#include "src/core/service-rules.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>
#include <initializer_list>

namespace wsb {
namespace {

constexpr uint32_t kContinuePending = 5;
constexpr uint32_t kPausePending = 6;
constexpr uint32_t kPaused = 7;

}  // namespace

TEST_SUITE("the change of a service") {
    TEST_CASE("to STOPPED asks once, and not while the service is starting or stopping") {
        const auto step = [](uint32_t state, bool isRequested) {
            return NextStep(WantedState::kStopped, state, isRequested);
        };
        for (const bool isRequested : {false, true}) {
            CHECK(step(kServiceStopped, isRequested) == ChangeStep::kDone);
            CHECK(step(kServiceStartPending, isRequested) == ChangeStep::kWait);
            CHECK(step(kServiceStopPending, isRequested) == ChangeStep::kWait);
        }
        for (const uint32_t state : {kServiceRunning, kPaused, kContinuePending, kPausePending}) {
            CHECK(step(state, false) == ChangeStep::kRequest);
            CHECK(step(state, true) == ChangeStep::kWait);
        }
    }

    TEST_CASE("to RUNNING asks a stopped service once; one that stops after that is lost") {
        const auto step = [](uint32_t state, bool isRequested) {
            return NextStep(WantedState::kRunning, state, isRequested);
        };
        CHECK(step(kServiceStopped, false) == ChangeStep::kRequest);
        CHECK(step(kServiceStopped, true) == ChangeStep::kLost);
        for (const bool isRequested : {false, true}) {
            CHECK(step(kServiceRunning, isRequested) == ChangeStep::kDone);
            for (const uint32_t state : {kServiceStartPending, kServiceStopPending, kPaused,
                                         kContinuePending, kPausePending}) {
                CHECK(step(state, isRequested) == ChangeStep::kWait);
            }
        }
    }
}

TEST_SUITE("the time until the next look at a service") {
    using namespace std::chrono_literals;

    TEST_CASE("is the interval while more time is left") {
        CHECK(UntilNextLook(1h, 1000ms) == 1000ms);
        CHECK(UntilNextLook(1000ms, 1000ms) == 1000ms);
    }

    TEST_CASE("ends at the deadline, and not before it") {
        CHECK(UntilNextLook(999ms, 1000ms) == 999ms);
        CHECK(UntilNextLook(1ns, 1000ms) == 1ms);
        CHECK(UntilNextLook(5ms + 1ns, 1000ms) == 6ms);
    }

    TEST_CASE("is nothing after the deadline") {
        CHECK(UntilNextLook(0ns, 1000ms) == 0ms);
        CHECK(UntilNextLook(-1h, 1000ms) == 0ms);
    }
}

TEST_SUITE("the runs of a service") {
    TEST_CASE("begin each time it leaves STOPPED") {
        RunTracker runs{kServiceStopped, 0};
        CHECK(runs.Observe(kServiceStartPending, 0));
        CHECK_FALSE(runs.Observe(kServiceStartPending, 8));
        CHECK_FALSE(runs.Observe(kServiceRunning, 8));
        CHECK_FALSE(runs.Observe(kServiceStopPending, 8));
        CHECK_FALSE(runs.IsStopped());
        CHECK_FALSE(runs.Observe(kServiceStopped, 0));
        CHECK(runs.IsStopped());
        CHECK(runs.Observe(kServiceRunning, 8));
    }

    TEST_CASE("do not begin for a service that was running from the first look") {
        RunTracker runs{kServiceRunning, 8};
        CHECK_FALSE(runs.Observe(kServiceRunning, 8));
        CHECK_FALSE(runs.Observe(kPaused, 8));
    }

    TEST_CASE("begin anew in another process, even if nobody saw it stop") {
        RunTracker runs{kServiceRunning, 8};
        CHECK(runs.Observe(kServiceStartPending, 12));
        CHECK_FALSE(runs.Observe(kServiceRunning, 12));
    }

    TEST_CASE("go on while its process is not known") {
        RunTracker runs{kServiceStopped, 0};
        CHECK(runs.Observe(kServiceRunning, 8));
        CHECK_FALSE(runs.Observe(kServiceRunning, 0));
        CHECK_FALSE(runs.Observe(kServiceRunning, 8));
    }
}

}  // namespace wsb
