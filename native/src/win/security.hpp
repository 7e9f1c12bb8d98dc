#pragma once

#include <string>

namespace wsb::win {

/// Whether the caller holds the Administrators group enabled (under UAC: is elevated).
/// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-checktokenmembership
[[nodiscard]] bool IsElevated();

/// Creates a folder with a protected DACL: SYSTEM and Administrators, nobody else, nothing
/// inherited. A folder that exists gets that DACL, if it is owned by one of the two or by the
/// caller: an owner can always change it back, so any other is HresultError ERROR_INVALID_OWNER.
/// A file or a link of that name is ERROR_DIRECTORY.
void CreateProtectedFolder(const std::wstring& path);

}  // namespace wsb::win
