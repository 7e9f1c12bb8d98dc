#include "backup-access.hpp"

#include <windows.h>

#include <exception>

#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

void Enable(HANDLE token, const wchar_t* name) noexcept {
    TOKEN_PRIVILEGES privileges{};
    privileges.PrivilegeCount = 1;
    privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    if (::LookupPrivilegeValueW(nullptr, name, &privileges.Privileges[0].Luid) != FALSE) {
        // A caller without the privilege goes on with its own rights.
        ::AdjustTokenPrivileges(token, FALSE, &privileges, 0, nullptr, nullptr);
    }
}

}  // namespace

// The process' own token stays as it is: other threads keep their rights.
BackupAccess::BackupAccess() : m_impersonates(::ImpersonateSelf(SecurityImpersonation) != FALSE) {
    if (!m_impersonates) {
        return;
    }
    UniqueHandle token;
    if (::OpenThreadToken(::GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, TRUE,
                          token.put()) != FALSE) {
        Enable(token.get(), SE_BACKUP_NAME);
        Enable(token.get(), SE_RESTORE_NAME);
    }
}

BackupAccess::~BackupAccess() {
    // A thread that cannot give the rights back must not go on with them.
    if (m_impersonates && ::RevertToSelf() == FALSE) {
        std::terminate();
    }
}

}  // namespace wsb::win
