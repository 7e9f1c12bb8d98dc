#include "file-security.hpp"

#include <aclapi.h>

#include <cstddef>

#include "hresult.hpp"
#include "sid-text.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueLocal = UniqueAny<void*, ::LocalFree>;
using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

UniqueHandle OpenForSecurity(const std::wstring& path) {
    // Folders need backup semantics, and a link must be opened itself.
    const HANDLE file = ::CreateFileW(
        path.c_str(), READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
        OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
    if (file != INVALID_HANDLE_VALUE) {
        return UniqueHandle{file};
    }
    const DWORD error = ::GetLastError();
    if (error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND) {
        return {};
    }
    throw HresultError{HRESULT_FROM_WIN32(error), "CreateFileW"};
}

// The entry types have header and mask at the same offset, but not their SID.
// https://learn.microsoft.com/windows/win32/api/winnt/ns-winnt-access_allowed_object_ace
size_t SidOffset(const std::byte* ace, bool isObjectAce) {
    if (!isObjectAce) {
        return offsetof(ACCESS_ALLOWED_ACE, SidStart);
    }
    const DWORD present = reinterpret_cast<const ACCESS_ALLOWED_OBJECT_ACE*>(ace)->Flags;
    size_t offset = offsetof(ACCESS_ALLOWED_OBJECT_ACE, ObjectType);
    offset += (present & ACE_OBJECT_TYPE_PRESENT) != 0 ? sizeof(GUID) : 0;
    offset += (present & ACE_INHERITED_OBJECT_TYPE_PRESENT) != 0 ? sizeof(GUID) : 0;
    return offset;
}

std::optional<AccessEntry> ToEntry(std::byte* ace) {
    const auto* header = reinterpret_cast<const ACE_HEADER*>(ace);
    AccessKind kind = AccessKind::Allow;
    bool isObjectAce = false;
    switch (header->AceType) {
        case ACCESS_ALLOWED_ACE_TYPE:
        case ACCESS_ALLOWED_CALLBACK_ACE_TYPE:
            break;
        case ACCESS_ALLOWED_OBJECT_ACE_TYPE:
        case ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE:
            isObjectAce = true;
            break;
        case ACCESS_DENIED_ACE_TYPE:
            kind = AccessKind::Deny;
            break;
        default:
            return std::nullopt;
    }
    const ACCESS_MASK mask = reinterpret_cast<const ACCESS_ALLOWED_ACE*>(ace)->Mask;
    return AccessEntry{kind, SidText(ace + SidOffset(ace, isObjectAce)), mask, header->AceFlags};
}

std::vector<AccessEntry> ReadEntries(PACL dacl) {
    std::vector<AccessEntry> entries;
    for (DWORD index = 0; index < dacl->AceCount; ++index) {
        void* ace = nullptr;
        if (::GetAce(dacl, index, &ace) == FALSE) {
            ThrowLastError("GetAce");
        }
        if (auto entry = ToEntry(static_cast<std::byte*>(ace))) {
            entries.push_back(*std::move(entry));
        }
    }
    return entries;
}

// SUBST makes a drive letter for one logon session, and a service runs in another.
bool IsSubstituted(const std::wstring& root) {
    wchar_t target[MAX_PATH] = {};
    const std::wstring drive = root.substr(0, 2);
    return ::QueryDosDeviceW(drive.c_str(), target, ARRAYSIZE(target)) != 0 &&
           std::wstring{target}.rfind(L"\\??\\", 0) == 0;
}

}  // namespace

std::optional<FileSecurity> ReadFileSecurity(const std::wstring& path) {
    const UniqueHandle file = OpenForSecurity(path);
    if (!file) {
        return std::nullopt;
    }
    return ReadFileSecurity(file.get());
}

FileSecurity ReadFileSecurity(HANDLE handle) {
    PSID owner = nullptr;
    PACL dacl = nullptr;
    void* descriptor = nullptr;
    ThrowIfError(static_cast<LSTATUS>(::GetSecurityInfo(
                     handle, SE_FILE_OBJECT, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
                     &owner, nullptr, &dacl, nullptr, &descriptor)),
                 "GetSecurityInfo");
    const UniqueLocal release{descriptor};
    FileSecurity security{owner == nullptr ? std::wstring{} : SidText(owner), std::nullopt};
    if (dacl != nullptr) {
        security.entries = ReadEntries(dacl);
    }
    return security;
}

DriveKind ReadDriveKind(const std::wstring& root) {
    switch (::GetDriveTypeW(root.c_str())) {
        case DRIVE_NO_ROOT_DIR:
            return DriveKind::Missing;
        case DRIVE_REMOVABLE:
            return DriveKind::Removable;
        case DRIVE_FIXED:
            return IsSubstituted(root) ? DriveKind::Substituted : DriveKind::Fixed;
        case DRIVE_REMOTE:
            return DriveKind::Network;
        case DRIVE_CDROM:
            return DriveKind::CdRom;
        case DRIVE_RAMDISK:
            return DriveKind::RamDisk;
        default:
            return DriveKind::Unknown;
    }
}

}  // namespace wsb::win
