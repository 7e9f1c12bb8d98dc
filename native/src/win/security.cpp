#include "security.hpp"

#include <windows.h>

#include <aclapi.h>
#include <sddl.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "file-security.hpp"
#include "hresult.hpp"
#include "sid-text.hpp"
#include "unique-any.hpp"
#include "wine.hpp"

namespace wsb::win {
namespace {

using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;
using UniqueLocal = UniqueAny<void*, ::LocalFree>;

std::vector<std::byte> WellKnownSid(WELL_KNOWN_SID_TYPE type) {
    std::vector<std::byte> sid(SECURITY_MAX_SID_SIZE);
    auto size = static_cast<DWORD>(sid.size());
    if (::CreateWellKnownSid(type, nullptr, sid.data(), &size) == FALSE) {
        ThrowLastError("CreateWellKnownSid");
    }
    return sid;
}

std::vector<std::byte> CallerToken() {
    UniqueHandle token;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_QUERY, token.put()) == FALSE) {
        ThrowLastError("OpenProcessToken");
    }
    std::vector<std::byte> user(sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE);
    DWORD size = 0;
    if (::GetTokenInformation(token.get(), TokenUser, user.data(), static_cast<DWORD>(user.size()),
                              &size) == FALSE) {
        ThrowLastError("GetTokenInformation");
    }
    return user;
}

/// Opens a folder so that nobody can replace it between the check and the change.
/// @exception HresultError ERROR_DIRECTORY for a file and for a link, whose target would be checked
///            and changed instead.
UniqueHandle HoldFolder(const std::wstring& path) {
    // FILE_LIST_DIRECTORY takes part in sharing, unlike the rights to attributes and security.
    // Without FILE_SHARE_DELETE nobody can rename the folder meanwhile.
    UniqueHandle folder{
        ::CreateFileW(path.c_str(), FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES | READ_CONTROL,
                      FILE_SHARE_READ | FILE_SHARE_WRITE, nullptr, OPEN_EXISTING,
                      FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr)};
    if (folder.get() == INVALID_HANDLE_VALUE) {
        static_cast<void>(folder.release());  // nothing to close
        ThrowLastError("CreateFileW");
    }
    BY_HANDLE_FILE_INFORMATION information{};
    if (::GetFileInformationByHandle(folder.get(), &information) == FALSE) {
        ThrowLastError("GetFileInformationByHandle");
    }
    constexpr DWORD kKind = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
    if ((information.dwFileAttributes & kKind) != FILE_ATTRIBUTE_DIRECTORY) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_DIRECTORY), "CreateDirectoryW"};
    }
    return folder;
}

/// Makes new files of this process belong to Administrators, also where Windows is set to let files
/// belong to the account that makes them: that account is not a trusted owner.
void OwnNewFilesAsAdministrators() {
    std::vector<std::byte> administrators = WellKnownSid(WinBuiltinAdministratorsSid);
    TOKEN_OWNER owner{administrators.data()};
    UniqueHandle token;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_ADJUST_DEFAULT, token.put()) != FALSE) {
        // Without elevation it fails, and so does the making of the folder; Wine has no such owner.
        ::SetTokenInformation(token.get(), TokenOwner, &owner, sizeof owner);
    }
}

void ProtectFolder(const std::wstring& path, PSECURITY_DESCRIPTOR descriptor) {
    BOOL present = FALSE;
    BOOL defaulted = FALSE;
    PACL dacl = nullptr;
    if (::GetSecurityDescriptorDacl(descriptor, &present, &dacl, &defaulted) == FALSE) {
        ThrowLastError("GetSecurityDescriptorDacl");
    }
    std::wstring name = path;  // the API takes a non-const string
    ThrowIfError(static_cast<LSTATUS>(::SetNamedSecurityInfoW(
                     name.data(), SE_FILE_OBJECT,
                     DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION, nullptr,
                     nullptr, dacl, nullptr)),
                 "SetNamedSecurityInfoW");
}

}  // namespace

bool IsElevated() {
    std::vector<std::byte> administrators = WellKnownSid(WinBuiltinAdministratorsSid);
    BOOL member = FALSE;
    // A null token means the caller's own.
    if (::CheckTokenMembership(nullptr, administrators.data(), &member) == FALSE) {
        ThrowLastError("CheckTokenMembership");
    }
    return member != FALSE;
}

std::vector<std::wstring> TrustedAccounts() {
    std::vector<std::wstring> accounts{SidText(WellKnownSid(WinLocalSystemSid).data()),
                                       SidText(WellKnownSid(WinBuiltinAdministratorsSid).data())};
    if (IsWine()) {
        const std::vector<std::byte> caller = CallerToken();
        accounts.push_back(SidText(reinterpret_cast<const TOKEN_USER*>(caller.data())->User.Sid));
    }
    return accounts;
}

void CreateProtectedFolder(const std::wstring& path) {
    UniqueLocal descriptor;
    if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(
            L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", SDDL_REVISION_1, descriptor.put(),
            nullptr) == FALSE) {
        ThrowLastError("ConvertStringSecurityDescriptorToSecurityDescriptorW");
    }
    OwnNewFilesAsAdministrators();
    SECURITY_ATTRIBUTES attributes{sizeof attributes, descriptor.get(), FALSE};
    if (::CreateDirectoryW(path.c_str(), &attributes) != FALSE) {
        return;
    }
    if (::GetLastError() != ERROR_ALREADY_EXISTS) {
        ThrowLastError("CreateDirectoryW");
    }
    const UniqueHandle folder = HoldFolder(path);
    const std::vector<std::wstring> trusted = TrustedAccounts();
    const std::wstring owner = ReadFileSecurity(folder.get()).owner;
    if (std::find(trusted.begin(), trusted.end(), owner) == trusted.end()) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_INVALID_OWNER), "CreateDirectoryW"};
    }
    ProtectFolder(path, descriptor.get());
}

}  // namespace wsb::win
