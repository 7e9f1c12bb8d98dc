#pragma once

#include <string>
#include <vector>

namespace wsb::win {

/// Tells whether the Administrators group is enabled for the caller (under UAC: it is elevated).
/// https://learn.microsoft.com/windows/win32/api/securitybaseapi/nf-securitybaseapi-checktokenmembership
[[nodiscard]] bool IsElevated();

/// Returns the SIDs of SYSTEM and Administrators. Under Wine, where its Unix user owns every file,
/// also the caller's.
[[nodiscard]] std::vector<std::wstring> TrustedAccounts();

/// Creates a folder with a protected DACL for only SYSTEM and Administrators, without inheritance.
/// Files that this process makes from then on belong to Administrators.
/// An existing folder gets that DACL if one of TrustedAccounts() owns it.
/// @exception HresultError ERROR_INVALID_OWNER for another owner, who could change the DACL back;
///            ERROR_DIRECTORY for a file or a link.
void CreateProtectedFolder(const std::wstring& path);

}  // namespace wsb::win
