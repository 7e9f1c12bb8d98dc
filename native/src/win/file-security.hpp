#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

#include "../core/access-entry.hpp"

namespace wsb::win {

struct FileSecurity {
    std::wstring owner;                               // empty on a disk without owners
    std::optional<std::vector<AccessEntry>> entries;  // none: a NULL list, which allows everything
};

/// Reads the owner and the access control list of a file or folder; nothing when it does not exist.
///
/// Reads a link itself and not its target. Skips entries that neither grant nor deny a right, and
/// conditional denials, whose condition may be false.
/// @exception HresultError for any other failure.
[[nodiscard]] std::optional<FileSecurity> ReadFileSecurity(const std::wstring& path);

/// Reads the same of an open file or folder.
/// @param handle With READ_CONTROL.
[[nodiscard]] FileSecurity ReadFileSecurity(HANDLE handle);

/// The kind of a drive.
enum class DriveKind { Missing, Unknown, Removable, Fixed, Network, CdRom, RamDisk, Substituted };

/// Returns the kind of a drive.
/// @param root The root with its backslash: `C:\`.
[[nodiscard]] DriveKind ReadDriveKind(const std::wstring& root);

}  // namespace wsb::win
