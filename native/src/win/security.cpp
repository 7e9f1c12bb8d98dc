#include "security.hpp"

#include <windows.h>

#include <aclapi.h>
#include <sddl.h>

#include <cstddef>
#include <vector>

#include "hresult.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueLocal = UniqueAny<void*, ::LocalFree>;

std::vector<std::byte> WellKnownSid(WELL_KNOWN_SID_TYPE type) {
    std::vector<std::byte> sid(SECURITY_MAX_SID_SIZE);
    auto size = static_cast<DWORD>(sid.size());
    if (::CreateWellKnownSid(type, nullptr, sid.data(), &size) == FALSE) {
        ThrowLastError("CreateWellKnownSid");
    }
    return sid;
}

bool IsOwnedByAdministrators(const std::wstring& path) {
    PSID owner = nullptr;
    void* descriptor = nullptr;
    ThrowIfError(static_cast<LSTATUS>(::GetNamedSecurityInfoW(
                     path.c_str(), SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION, &owner, nullptr,
                     nullptr, nullptr, &descriptor)),
                 "GetNamedSecurityInfoW");
    const UniqueLocal release{descriptor};
    return ::EqualSid(owner, WellKnownSid(WinLocalSystemSid).data()) != FALSE ||
           ::EqualSid(owner, WellKnownSid(WinBuiltinAdministratorsSid).data()) != FALSE;
}

}  // namespace

bool IsElevated() {
    BOOL member = FALSE;
    // A null token stands for the caller's own.
    if (::CheckTokenMembership(nullptr, WellKnownSid(WinBuiltinAdministratorsSid).data(),
                               &member) == FALSE) {
        ThrowLastError("CheckTokenMembership");
    }
    return member != FALSE;
}

void CreateProtectedFolder(const std::wstring& path) {
    UniqueLocal descriptor;
    if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(
            L"O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", SDDL_REVISION_1, descriptor.put(),
            nullptr) == FALSE) {
        ThrowLastError("ConvertStringSecurityDescriptorToSecurityDescriptorW");
    }
    SECURITY_ATTRIBUTES attributes{sizeof attributes, descriptor.get(), FALSE};
    if (::CreateDirectoryW(path.c_str(), &attributes) != FALSE) {
        return;
    }
    if (::GetLastError() != ERROR_ALREADY_EXISTS) {
        ThrowLastError("CreateDirectoryW");
    }
    if (!IsOwnedByAdministrators(path)) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_INVALID_OWNER), "CreateDirectoryW"};
    }
}

}  // namespace wsb::win
