#pragma once

#include <windows.h>

#include <vss.h>

#include <vswriter.h>

// The documented rules for the arguments of an express writer's calls.
// https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-ivsscreateexpresswritermetadata
// Each function throws HresultError for an argument that breaks a rule.

namespace wsb::lab {

/// Returns the usage as documents name it.
[[nodiscard]] const wchar_t* RequireUsage(VSS_USAGE_TYPE usage);

/// Returns the restore method as documents name it.
[[nodiscard]] const wchar_t* RequireMethod(VSS_RESTOREMETHOD_ENUM method);

[[nodiscard]] bool StopsService(VSS_RESTOREMETHOD_ENUM method);

/// Requires a folder without wildcards that is not on another server.
void RequireFolder(LPCWSTR path);

/// Requires a file name or a pattern without a folder.
void RequireFilespec(LPCWSTR filespec);

void RequireComponentName(LPCWSTR name);

void RequireBackupTypes(DWORD mask);

void RequireSchema(DWORD mask);

/// Throws E_INVALIDARG unless `condition` holds.
void Require(bool condition, const char* what);

}  // namespace wsb::lab
