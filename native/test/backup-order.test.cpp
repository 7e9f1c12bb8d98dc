#include "lab/vssapi/backup-order.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string_view>

namespace wsb::lab {
namespace {

constexpr std::array kEvents{"prepareBackup", "prepareSnapshot", "freeze",
                             "thaw",          "postSnapshot",    "backupComplete"};

/// Goes through the first `count` events.
BackupState After(size_t count) {
    BackupState state = BackupState::kIdle;
    for (size_t index = 0; index < count; ++index) {
        const auto next = NextState(state, kEvents[index]);
        REQUIRE(next);
        state = *next;
    }
    return state;
}

}  // namespace

TEST_SUITE("the order of a backup") {
    TEST_CASE("allows each event after the one before it only") {
        for (size_t count = 0; count <= kEvents.size(); ++count) {
            for (size_t event = 0; event < kEvents.size(); ++event) {
                CHECK(NextState(After(count), kEvents[event]).has_value() == (event == count));
            }
        }
    }

    TEST_CASE("ends at any step but without a backup") {
        CHECK_FALSE(NextState(BackupState::kIdle, "abort"));
        CHECK_FALSE(NextState(BackupState::kIdle, "backupShutdown"));
        for (size_t count = 1; count <= kEvents.size(); ++count) {
            CHECK(NextState(After(count), "abort") == BackupState::kAborted);
            CHECK(NextState(After(count), "backupShutdown") == BackupState::kIdle);
        }
    }

    TEST_CASE("ends once, and goes on after nothing else") {
        for (const BackupState state : {BackupState::kAborted, BackupState::kFailed}) {
            for (const std::string_view event : kEvents) {
                CHECK_FALSE(NextState(state, event));
            }
            CHECK(NextState(state, "backupShutdown") == BackupState::kIdle);
        }
        CHECK(NextState(BackupState::kFailed, "abort") == BackupState::kAborted);
        CHECK_FALSE(NextState(BackupState::kAborted, "abort"));
    }
}

}  // namespace wsb::lab
