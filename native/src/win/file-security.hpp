#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

namespace wsb::win {

enum class AccessKind { Allow, Deny };

/// An entry of a file's access control list.
struct AccessEntry {
    AccessKind kind;
    std::wstring sid;  // S-1-…
    ACCESS_MASK mask;  // as stored: generic rights are not mapped
    BYTE flags;        // such as INHERIT_ONLY_ACE (winnt.h)
};

struct FileSecurity {
    std::wstring owner;
    std::optional<std::vector<AccessEntry>> entries;  // none: a NULL list, which allows everything
};

/// Reads the owner and the access control list of a file or folder; nothing when it does not exist.
///
/// Reads a link itself and not its target. Skips entries that neither grant nor deny a right, and
/// conditional denials, whose condition may be false.
/// @exception HresultError for any other failure.
[[nodiscard]] std::optional<FileSecurity> ReadFileSecurity(const std::wstring& path);

/// The kind of a drive.
enum class DriveKind { Missing, Unknown, Removable, Fixed, Network, CdRom, RamDisk, Substituted };

/// Returns the kind of a drive.
/// @param root The root with its backslash: `C:\`.
[[nodiscard]] DriveKind ReadDriveKind(const std::wstring& root);

}  // namespace wsb::win
