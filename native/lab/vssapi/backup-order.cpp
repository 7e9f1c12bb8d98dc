#include "backup-order.hpp"

#include <array>

namespace wsb::lab {
namespace {

struct Step {
    std::string_view event;
    BackupState from;
    BackupState to;
};

constexpr std::array kSteps{
    Step{"prepareBackup", BackupState::kIdle, BackupState::kPrepared},
    Step{"prepareSnapshot", BackupState::kPrepared, BackupState::kSnapshotPrepared},
    Step{"freeze", BackupState::kSnapshotPrepared, BackupState::kFrozen},
    Step{"thaw", BackupState::kFrozen, BackupState::kThawed},
    Step{"postSnapshot", BackupState::kThawed, BackupState::kPosted},
    Step{"backupComplete", BackupState::kPosted, BackupState::kCompleted},
};

}  // namespace

std::optional<BackupState> NextState(BackupState state, std::string_view event) {
    if (event == "abort" || event == "backupShutdown") {
        const bool isRunning = state != BackupState::kIdle &&
                               (event == "backupShutdown" || state != BackupState::kAborted);
        const BackupState to = event == "abort" ? BackupState::kAborted : BackupState::kIdle;
        return isRunning ? std::optional{to} : std::nullopt;
    }
    for (const Step& step : kSteps) {
        if (step.event == event && step.from == state) {
            return step.to;
        }
    }
    return std::nullopt;
}

}  // namespace wsb::lab
