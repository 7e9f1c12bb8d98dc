#include <windows.h>

#include <sddl.h>

#include <cstdio>
#include <string_view>

#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace {

using wsb::win::ThrowIfError;
using wsb::win::ThrowLastError;
using UniqueDescriptor = wsb::win::UniqueAny<PSECURITY_DESCRIPTOR, ::LocalFree>;
using UniqueHandle = wsb::win::UniqueAny<HANDLE, ::CloseHandle>;
using UniqueHkey = wsb::win::UniqueAny<HKEY, ::RegCloseKey>;

UniqueHkey OpenKey(const wchar_t* path, REGSAM access) {
    UniqueHkey key;
    ThrowIfError(::RegOpenKeyExW(HKEY_LOCAL_MACHINE, path, 0, access | KEY_WOW64_64KEY, key.put()),
                 "RegOpenKeyExW");
    return key;
}

void ProtectKey(const wchar_t* path, const wchar_t* sddl) {
    UniqueDescriptor descriptor;
    if (::ConvertStringSecurityDescriptorToSecurityDescriptorW(
            sddl, SDDL_REVISION_1, descriptor.put(), nullptr) == FALSE) {
        ThrowLastError("ConvertStringSecurityDescriptorToSecurityDescriptorW");
    }
    const UniqueHkey key = OpenKey(path, WRITE_DAC);
    ThrowIfError(::RegSetKeySecurity(key.get(), DACL_SECURITY_INFORMATION, descriptor.get()),
                 "RegSetKeySecurity");
}

/// Enables a privilege that administrators have, but disabled.
void EnableBackupPrivilege() {
    UniqueHandle token;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, token.put()) == FALSE) {
        ThrowLastError("OpenProcessToken");
    }
    TOKEN_PRIVILEGES privileges{1, {{{}, SE_PRIVILEGE_ENABLED}}};
    if (::LookupPrivilegeValueW(nullptr, SE_BACKUP_NAME, &privileges.Privileges[0].Luid) == FALSE) {
        ThrowLastError("LookupPrivilegeValueW");
    }
    // This call also succeeds without the privilege; RegSaveKeyW then fails.
    if (::AdjustTokenPrivileges(token.get(), FALSE, &privileges, 0, nullptr, nullptr) == FALSE) {
        ThrowLastError("AdjustTokenPrivileges");
    }
}

void SaveKey(const wchar_t* path, const wchar_t* file) {
    const UniqueHkey key = OpenKey(path, KEY_READ);
    ThrowIfError(::RegSaveKeyW(key.get(), file, nullptr), "RegSaveKeyW");
}

void Run(int argc, wchar_t** argv) {
    if (std::wstring_view{argv[1]} == L"protect") {
        ProtectKey(argv[2], argv[3]);
        return;
    }
    EnableBackupPrivilege();
    for (int index = 2; index + 1 < argc; index += 2) {
        SaveKey(argv[index], argv[index + 1]);
    }
}

}  // namespace

/// Does what reg.exe cannot do with keys below HKLM: sets the DACL of a key, or saves whole keys,
/// each to a new file.
///
///   wsb-lab-registry protect <key> <DACL in SDDL>
///   wsb-lab-registry save (<key> <file>)...
int wmain(int argc, wchar_t** argv) {
    if (argc < 4) {
        std::fputs("wsb-lab-registry protect <key> <DACL in SDDL>\n", stderr);
        std::fputs("wsb-lab-registry save (<key> <file>)...\n", stderr);
        return EXIT_FAILURE;
    }
    try {
        Run(argc, argv);
        return EXIT_SUCCESS;
    } catch (const wsb::win::HresultError& error) {
        std::fprintf(stderr, "%s failed: 0x%08lX\n", error.api(),
                     static_cast<unsigned long>(error.code()));
        return EXIT_FAILURE;
    }
}
