#include "src/core/service-life.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdint>

namespace wsb {
namespace {

using std::chrono::milliseconds;

constexpr PendingLimits kLimits{milliseconds{10'000}, milliseconds{5'000}};
constexpr ServiceLife::Time kStart{};
constexpr uint32_t kStopAndShutdowns = 0x105;

}  // namespace

TEST_SUITE("a control of a service") {
    TEST_CASE("ends it for stop, shutdown and preshutdown, and for no other") {
        for (const ServiceSystem system : {ServiceSystem::kWindows, ServiceSystem::kWine}) {
            CHECK(StopReasonOf(1, system) == StopReason::kStop);
            CHECK(StopReasonOf(5, system) == StopReason::kShutdown);
            CHECK(StopReasonOf(15, system) == StopReason::kPreshutdown);
            for (const uint32_t other : {2U, 3U, 4U, 6U, 14U, 16U, 128U, 199U, 202U, 255U}) {
                CHECK_FALSE(StopReasonOf(other, system));
            }
        }
    }

    TEST_CASE("stands for a shutdown under Wine only, when it is a user's") {
        CHECK(StopReasonOf(200, ServiceSystem::kWine) == StopReason::kShutdown);
        CHECK(StopReasonOf(201, ServiceSystem::kWine) == StopReason::kPreshutdown);
        CHECK_FALSE(StopReasonOf(200, ServiceSystem::kWindows));
        CHECK_FALSE(StopReasonOf(201, ServiceSystem::kWindows));
    }
}

TEST_SUITE("the life of a service") {
    TEST_CASE("accepts controls only while it runs") {
        ServiceLife life{kLimits, kStart};
        CHECK(life.Report().state == kServiceStartPending);
        CHECK(life.Report().acceptedControls == 0);
        REQUIRE(life.Ready());
        CHECK(life.Report().state == kServiceRunning);
        CHECK(life.Report().acceptedControls == kStopAndShutdowns);
        REQUIRE(life.RequestStop(kStart));
        CHECK(life.Report().state == kServiceStopPending);
        CHECK(life.Report().acceptedControls == 0);
        REQUIRE(life.Stop(0));
        CHECK(life.Report().state == kServiceStopped);
    }

    TEST_CASE("takes each step once, and none back") {
        ServiceLife life{kLimits, kStart};
        CHECK(life.Ready());
        CHECK_FALSE(life.Ready());
        CHECK(life.RequestStop(kStart));
        CHECK_FALSE(life.RequestStop(kStart));
        CHECK_FALSE(life.Ready());
        CHECK(life.Stop(0));
        CHECK_FALSE(life.Stop(7));
        CHECK_FALSE(life.RequestStop(kStart));
        CHECK(life.Report().specificExitCode == 0);
    }

    TEST_CASE("shows a failure as the service's own exit code") {
        ServiceLife life{kLimits, kStart};
        REQUIRE(life.Stop(42));
        CHECK(life.Report().exitCode == 1066);
        CHECK(life.Report().specificExitCode == 42);
    }

    TEST_CASE("makes progress at each tick while it is pending, and only then") {
        ServiceLife life{kLimits, kStart};
        const uint32_t first = life.Report().checkpoint;
        CHECK(life.Tick(kStart + kTick));
        CHECK(life.Report().checkpoint == first + 1);
        CHECK(milliseconds{life.Report().waitHintMs} > 2 * kTick);
        REQUIRE(life.Ready());
        CHECK(life.Tick(kStart + 2 * kLimits.start));
        CHECK(life.Report().state == kServiceRunning);
        CHECK(life.Report().checkpoint == 0);
        CHECK(life.Report().waitHintMs == 0);
    }

    TEST_CASE("ends a start and a stop at their own limits") {
        ServiceLife starting{kLimits, kStart};
        CHECK(starting.Tick(kStart + kLimits.start - milliseconds{1}));
        CHECK_FALSE(starting.Tick(kStart + kLimits.start));
        CHECK(starting.Report().state == kServiceStopped);
        CHECK(starting.Report().specificExitCode == kServiceHung);

        ServiceLife stopping{kLimits, kStart};
        REQUIRE(stopping.Ready());
        const ServiceLife::Time asked = kStart + milliseconds{60'000};
        REQUIRE(stopping.RequestStop(asked));
        CHECK(stopping.Tick(asked + kLimits.stop - milliseconds{1}));
        CHECK_FALSE(stopping.Tick(asked + kLimits.stop));
        CHECK(stopping.Report().specificExitCode == kServiceHung);
    }
}

}  // namespace wsb
