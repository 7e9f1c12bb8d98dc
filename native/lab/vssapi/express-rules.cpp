#include "express-rules.hpp"

#include <string_view>

#include "win/hresult.hpp"

namespace wsb::lab {
namespace {

bool Contains(LPCWSTR text, const wchar_t* characters) {
    return std::wstring_view{text}.find_first_of(characters) != std::wstring_view::npos;
}

bool IsEmpty(LPCWSTR text) { return text == nullptr || *text == L'\0'; }

}  // namespace

void Require(bool condition, const char* what) {
    if (!condition) {
        throw win::HresultError{E_INVALIDARG, what};
    }
}

const wchar_t* RequireUsage(VSS_USAGE_TYPE usage) {
    switch (usage) {
        case VSS_UT_BOOTABLESYSTEMSTATE:
            return L"BOOTABLE_SYSTEM_STATE";
        case VSS_UT_SYSTEMSERVICE:
            return L"SYSTEM_SERVICE";
        case VSS_UT_USERDATA:
            return L"USER_DATA";
        default:
            throw win::HresultError{E_INVALIDARG, "usageType"};
    }
}

const wchar_t* RequireMethod(VSS_RESTOREMETHOD_ENUM method) {
    switch (method) {
        case VSS_RME_RESTORE_IF_NOT_THERE:
            return L"RESTORE_IF_NONE_THERE";
        case VSS_RME_RESTORE_IF_CAN_REPLACE:
            return L"RESTORE_IF_CAN_BE_REPLACED";
        case VSS_RME_STOP_RESTORE_START:
            return L"STOP_RESTART_SERVICE";
        case VSS_RME_RESTORE_AT_REBOOT:
            return L"REPLACE_AT_REBOOT";
        case VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE:
            return L"REPLACE_AT_REBOOT_IF_CANNOT_REPLACE";
        case VSS_RME_RESTORE_STOP_START:
            return L"RESTORE_STOP_START";
        default:
            throw win::HresultError{E_INVALIDARG, "method"};
    }
}

bool StopsService(VSS_RESTOREMETHOD_ENUM method) {
    return method == VSS_RME_STOP_RESTORE_START || method == VSS_RME_RESTORE_STOP_START;
}

void RequireFolder(LPCWSTR path) {
    Require(!IsEmpty(path) && !Contains(path, L"*?"), "wszPath");
    Require(!std::wstring_view{path}.starts_with(L"\\\\"), "wszPath");
}

void RequireFilespec(LPCWSTR filespec) {
    Require(!IsEmpty(filespec) && !Contains(filespec, L"\\/"), "wszFilespec");
}

void RequireComponentName(LPCWSTR name) {
    Require(!IsEmpty(name) && !Contains(name, L"\\"), "wszComponentName");
}

void RequireBackupTypes(DWORD mask) {
    constexpr DWORD kEvery = VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED;
    constexpr DWORD kRefused = VSS_FSBT_DIFFERENTIAL_BACKUP_REQUIRED |
                               VSS_FSBT_INCREMENTAL_BACKUP_REQUIRED | VSS_FSBT_LOG_BACKUP_REQUIRED;
    // The reference refuses three bits of the default that it names.
    Require(mask == kEvery || (mask & kRefused) == 0, "dwBackupTypeMask");
}

void RequireSchema(DWORD mask) {
    constexpr DWORD kAllowed = VSS_BS_COPY | VSS_BS_INDEPENDENT_SYSTEM_STATE;
    Require((mask & ~kAllowed) == 0, "dwSchemaMask");
}

}  // namespace wsb::lab
