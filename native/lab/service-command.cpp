#include "service-command.hpp"

#include <windows.h>
#include <winsvc.h>

#include <string_view>
#include <vector>

#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace wsb::lab {
namespace {

using UniqueService = win::UniqueAny<SC_HANDLE, ::CloseServiceHandle>;
using UniqueHandle = win::UniqueAny<HANDLE, ::CloseHandle>;

constexpr DWORD kPollMs = 50;
// Longer than any stop delay in a test.
constexpr DWORD kStopLimitMs = 30'000;

UniqueService OpenManager(DWORD access) {
    UniqueService manager{::OpenSCManagerW(nullptr, nullptr, access)};
    if (!manager) {
        win::ThrowLastError("OpenSCManagerW");
    }
    return manager;
}

std::wstring ProgramPath() {
    std::wstring path(32768, L'\0');
    const DWORD length =
        ::GetModuleFileNameW(nullptr, path.data(), static_cast<DWORD>(path.size()));
    if (length == 0 || length == path.size()) {
        win::ThrowLastError("GetModuleFileNameW");
    }
    path.resize(length);
    return path;
}

// Each name has a terminator; the string's own terminator ends the list.
std::wstring DependencyList(const std::vector<std::wstring>& names) {
    std::wstring list;
    for (const std::wstring& name : names) {
        list.append(name).push_back(L'\0');
    }
    return list;
}

SERVICE_STATUS_PROCESS QueryStatus(const UniqueService& service) {
    SERVICE_STATUS_PROCESS status{};
    DWORD needed = 0;
    if (!::QueryServiceStatusEx(service.get(), SC_STATUS_PROCESS_INFO,
                                reinterpret_cast<BYTE*>(&status), sizeof status, &needed)) {
        win::ThrowLastError("QueryServiceStatusEx");
    }
    return status;
}

bool IsOurs(const UniqueService& service) {
    DWORD needed = 0;
    ::QueryServiceConfigW(service.get(), nullptr, 0, &needed);
    std::vector<BYTE> buffer(needed);
    auto* config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
    if (needed == 0 || !::QueryServiceConfigW(service.get(), config, needed, &needed)) {
        win::ThrowLastError("QueryServiceConfigW");
    }
    const std::wstring program = QuoteArgument(ProgramPath());
    const std::wstring_view commandLine = config->lpBinaryPathName;
    const int length = static_cast<int>(program.size());
    return commandLine.size() >= program.size() &&
           ::CompareStringOrdinal(commandLine.data(), length, program.c_str(), length, TRUE) ==
               CSTR_EQUAL;
}

bool WaitUntilStopped(const UniqueService& service) {
    const ULONGLONG deadline = ::GetTickCount64() + kStopLimitMs;
    while (QueryStatus(service).dwCurrentState != SERVICE_STOPPED) {
        if (::GetTickCount64() > deadline) {
            return false;
        }
        ::Sleep(kPollMs);
    }
    return true;
}

void EndProcess(const UniqueService& service) {
    const DWORD processId = QueryStatus(service).dwProcessId;
    const UniqueHandle process{::OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, processId)};
    if (!process || !::TerminateProcess(process.get(), 1)) {
        win::ThrowLastError("TerminateProcess");
    }
    ::WaitForSingleObject(process.get(), kStopLimitMs);
}

void StopService(const UniqueService& service) {
    if (QueryStatus(service).dwCurrentState == SERVICE_STOPPED) {
        return;
    }
    SERVICE_STATUS status{};
    const bool stopping = ::ControlService(service.get(), SERVICE_CONTROL_STOP, &status) ||
                          ::GetLastError() == ERROR_SERVICE_NOT_ACTIVE;
    if (!stopping || !WaitUntilStopped(service)) {
        EndProcess(service);
    }
}

}  // namespace

CommandOutcome InstallService(const Options& options) {
    const UniqueService manager = OpenManager(SC_MANAGER_CREATE_SERVICE);
    const std::wstring commandLine = RunCommandLine(ProgramPath(), options);
    const std::wstring dependencies = DependencyList(options.dependsOn);
    const UniqueService service{::CreateServiceW(
        manager.get(), options.name.c_str(), options.displayName.c_str(), SERVICE_QUERY_STATUS,
        SERVICE_WIN32_OWN_PROCESS, SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL, commandLine.c_str(),
        nullptr, nullptr, dependencies.empty() ? nullptr : dependencies.c_str(), nullptr, nullptr)};
    if (service) {
        return {0, L"Installed the service " + options.name + L"."};
    }
    if (::GetLastError() == ERROR_SERVICE_EXISTS) {
        return {1, L"Cannot install the service " + options.name +
                       L": it already exists. Remove it first: wsb-lab-service uninstall " +
                       options.name};
    }
    win::ThrowLastError("CreateServiceW");
}

CommandOutcome UninstallService(const std::wstring& name) {
    const UniqueService manager = OpenManager(SC_MANAGER_CONNECT);
    const UniqueService service{
        ::OpenServiceW(manager.get(), name.c_str(),
                       SERVICE_QUERY_CONFIG | SERVICE_QUERY_STATUS | SERVICE_STOP | DELETE)};
    if (!service) {
        if (::GetLastError() == ERROR_SERVICE_DOES_NOT_EXIST) {
            return {0, L"The service " + name + L" is not installed."};
        }
        win::ThrowLastError("OpenServiceW");
    }
    if (!IsOurs(service)) {
        return {1, L"Cannot remove the service " + name +
                       L": another program installed it. Remove it with that program."};
    }
    StopService(service);
    if (!::DeleteService(service.get()) && ::GetLastError() != ERROR_SERVICE_MARKED_FOR_DELETE) {
        win::ThrowLastError("DeleteService");
    }
    return {0, L"Removed the service " + name + L"."};
}

CommandOutcome PlayShutdown(const Options& options) {
    constexpr DWORD kShutdown = 200;
    constexpr DWORD kPreshutdown = 201;
    const UniqueService manager = OpenManager(SC_MANAGER_CONNECT);
    const UniqueService service{
        ::OpenServiceW(manager.get(), options.name.c_str(), SERVICE_USER_DEFINED_CONTROL)};
    if (!service) {
        win::ThrowLastError("OpenServiceW");
    }
    const DWORD control = options.command == CommandKind::kShutdown ? kShutdown : kPreshutdown;
    SERVICE_STATUS status{};
    if (!::ControlService(service.get(), control, &status)) {
        win::ThrowLastError("ControlService");
    }
    return {0, L"The service " + options.name + L" knows."};
}

}  // namespace wsb::lab
