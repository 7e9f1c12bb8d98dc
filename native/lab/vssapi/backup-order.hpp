#pragma once

#include <optional>
#include <string_view>

// The documented order of a backup's events for one writer.
// https://learn.microsoft.com/windows/win32/vss/overview-of-processing-a-backup-under-vss

namespace wsb::lab {

enum class BackupState {
    kIdle,
    kPrepared,
    kSnapshotPrepared,
    kFrozen,
    kThawed,
    kPosted,
    kCompleted,
    kFailed,
    kAborted,
};

/// Returns the state after an event; nothing when the event must not come now. The names are those
/// of core/writer-events.hpp.
[[nodiscard]] std::optional<BackupState> NextState(BackupState state, std::string_view event);

}  // namespace wsb::lab
