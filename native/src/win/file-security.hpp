#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

namespace wsb::win {

enum class AccessKind { Allow, Deny };

/// One entry of a file's access control list.
struct AccessEntry {
    AccessKind kind;
    std::wstring sid;  // S-1-…
    ACCESS_MASK mask;  // as stored: generic rights are not mapped
    BYTE flags;        // INHERIT_ONLY_ACE and its like (winnt.h)
};

struct FileSecurity {
    std::wstring owner;
    std::optional<std::vector<AccessEntry>> entries;  // none: a NULL list, which allows everything
};

/// Reads who owns a file or folder and who may do what with it; none when there is no such file.
///
/// A link is read itself, not what it leads to. Entries that neither give nor take a right are
/// left out, and so are denials under a condition, since the condition may not hold.
/// @exception HresultError for any other failure.
[[nodiscard]] std::optional<FileSecurity> ReadFileSecurity(const std::wstring& path);

/// Where a drive's files are.
enum class DriveKind { Missing, Unknown, Removable, Fixed, Network, CdRom, RamDisk, Substituted };

/// @param root With its backslash: `C:\`.
[[nodiscard]] DriveKind ReadDriveKind(const std::wstring& root);

}  // namespace wsb::win
