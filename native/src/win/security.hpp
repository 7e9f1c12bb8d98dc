#pragma once

#include <string>

namespace wsb::win {

/// Whether the caller holds the Administrators group enabled (under UAC: is elevated).
/// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-checktokenmembership
[[nodiscard]] bool IsElevated();

/// Creates a folder with a protected DACL: SYSTEM and Administrators, nobody else, nothing
/// inherited. A folder that exists passes only when it is owned by one of the two, because an
/// owner can always change the DACL; otherwise HresultError ERROR_INVALID_OWNER.
void CreateProtectedFolder(const std::wstring& path);

}  // namespace wsb::win
