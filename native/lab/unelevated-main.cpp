#include <windows.h>

#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace {

using wsb::win::ThrowLastError;
using UniqueHandle = wsb::win::UniqueAny<HANDLE, ::CloseHandle>;

/// Returns a copy of this process's token with the Administrators group deny-only, like under UAC.
UniqueHandle MakeUnelevatedToken() {
    UniqueHandle token;
    if (::OpenProcessToken(::GetCurrentProcess(), TOKEN_ALL_ACCESS, token.put()) == FALSE) {
        ThrowLastError("OpenProcessToken");
    }
    std::vector<std::byte> sid(SECURITY_MAX_SID_SIZE);
    auto size = static_cast<DWORD>(sid.size());
    if (::CreateWellKnownSid(WinBuiltinAdministratorsSid, nullptr, sid.data(), &size) == FALSE) {
        ThrowLastError("CreateWellKnownSid");
    }
    SID_AND_ATTRIBUTES administrators{sid.data(), 0};
    UniqueHandle restricted;
    if (::CreateRestrictedToken(token.get(), DISABLE_MAX_PRIVILEGE, 1, &administrators, 0, nullptr,
                                0, nullptr, restricted.put()) == FALSE) {
        ThrowLastError("CreateRestrictedToken");
    }
    return restricted;
}

/// Returns the command line after this program's own name, with its quotes.
std::wstring CommandToRun() {
    const std::wstring line = ::GetCommandLineW();
    const size_t end = line.starts_with(L'"') ? line.find(L'"', 1) + 1 : line.find(L' ');
    const size_t start = line.find_first_not_of(L' ', end);
    return start == std::wstring::npos ? std::wstring{} : line.substr(start);
}

DWORD RunAndWait(HANDLE token, std::wstring command) {
    STARTUPINFOW startup{};
    startup.cb = sizeof startup;
    startup.dwFlags = STARTF_USESTDHANDLES;
    startup.hStdOutput = ::GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = ::GetStdHandle(STD_ERROR_HANDLE);
    PROCESS_INFORMATION started{};
    if (::CreateProcessAsUserW(token, nullptr, command.data(), nullptr, nullptr, TRUE, 0, nullptr,
                               nullptr, &startup, &started) == FALSE) {
        ThrowLastError("CreateProcessAsUserW");
    }
    const UniqueHandle process{started.hProcess};
    const UniqueHandle thread{started.hThread};
    ::WaitForSingleObject(process.get(), INFINITE);
    DWORD exitCode = EXIT_FAILURE;
    ::GetExitCodeProcess(process.get(), &exitCode);
    return exitCode;
}

}  // namespace

/// Runs a command without administrator rights: wsb-lab-unelevated <program> [argument]...
int wmain() {
    try {
        return static_cast<int>(RunAndWait(MakeUnelevatedToken().get(), CommandToRun()));
    } catch (const wsb::win::HresultError& error) {
        std::fprintf(stderr, "%s failed: 0x%08lX\n", error.api(),
                     static_cast<unsigned long>(error.code()));
        return EXIT_FAILURE;
    }
}
