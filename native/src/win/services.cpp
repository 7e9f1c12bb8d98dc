#include "services.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "hresult.hpp"
#include "registry.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueScHandle = UniqueAny<SC_HANDLE, ::CloseServiceHandle>;

UniqueScHandle OpenManager(DWORD access) {
    UniqueScHandle manager{::OpenSCManagerW(nullptr, nullptr, access)};
    if (!manager) {
        ThrowLastError("OpenSCManagerW");
    }
    return manager;
}

/// Opens a service; an empty handle when it does not exist.
UniqueScHandle OpenExistingService(SC_HANDLE manager, const std::wstring& name, DWORD access) {
    UniqueScHandle service{::OpenServiceW(manager, name.c_str(), access)};
    if (!service && ::GetLastError() != ERROR_SERVICE_DOES_NOT_EXIST) {
        ThrowLastError("OpenServiceW");
    }
    return service;
}

UniqueScHandle OpenRequiredService(const std::wstring& name, DWORD access) {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT);
    UniqueScHandle service = OpenExistingService(manager.get(), name, access);
    if (!service) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_SERVICE_DOES_NOT_EXIST), "OpenServiceW"};
    }
    return service;
}

std::vector<std::wstring> AllServiceNames(SC_HANDLE manager) {
    std::vector<std::wstring> names;
    // 256 KiB is the largest buffer of the call; further rounds return the remaining services.
    std::vector<std::byte> buffer(size_t{256} * 1024);
    DWORD resume = 0;
    for (bool more = true; more;) {
        DWORD needed = 0;
        DWORD count = 0;
        more = ::EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32,
                                       SERVICE_STATE_ALL, reinterpret_cast<BYTE*>(buffer.data()),
                                       static_cast<DWORD>(buffer.size()), &needed, &count, &resume,
                                       nullptr) == FALSE;
        if (more && ::GetLastError() != ERROR_MORE_DATA) {
            ThrowLastError("EnumServicesStatusExW");
        }
        const auto* entries = reinterpret_cast<const ENUM_SERVICE_STATUS_PROCESSW*>(buffer.data());
        for (DWORD index = 0; index < count; ++index) {
            names.emplace_back(entries[index].lpServiceName);
        }
    }
    return names;
}

/// Splits a REG_MULTI_SZ; the end of the data replaces a missing terminator.
std::vector<std::wstring> SplitStrings(const std::vector<uint8_t>& data) {
    std::wstring text(data.size() / sizeof(wchar_t), L'\0');
    std::memcpy(text.data(), data.data(), text.size() * sizeof(wchar_t));
    std::vector<std::wstring> strings;
    for (size_t start = 0; start < text.size() && text[start] != L'\0';) {
        const size_t end = std::min(text.find(L'\0', start), text.size());
        strings.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return strings;
}

/// Reads the dependencies from the service control manager's registry key. QueryServiceConfigW
/// returns the same on Windows but nothing under Wine 8.
std::vector<std::wstring> DependenciesOf(const std::wstring& service) {
    const auto value =
        ReadRegistryValue(L"SYSTEM\\CurrentControlSet\\Services\\" + service, L"DependOnService");
    return value && value->type == REG_MULTI_SZ ? SplitStrings(value->data)
                                                : std::vector<std::wstring>{};
}

}  // namespace

std::optional<ServiceStatus> QueryService(const std::wstring& name) {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT);
    const UniqueScHandle service = OpenExistingService(manager.get(), name, SERVICE_QUERY_STATUS);
    if (!service) {
        return std::nullopt;
    }
    SERVICE_STATUS_PROCESS status{};
    DWORD needed = 0;
    if (::QueryServiceStatusEx(service.get(), SC_STATUS_PROCESS_INFO,
                               reinterpret_cast<BYTE*>(&status), sizeof status, &needed) == FALSE) {
        ThrowLastError("QueryServiceStatusEx");
    }
    return ServiceStatus{status.dwCurrentState, status.dwProcessId, status.dwWaitHint,
                         status.dwWin32ExitCode};
}

DWORD QueryServiceStartType(const std::wstring& name) {
    const UniqueScHandle service = OpenRequiredService(name, SERVICE_QUERY_CONFIG);
    // 8 KiB is the largest result of the call; operator new aligns it for any structure.
    std::vector<std::byte> buffer(size_t{8} * 1024);
    auto* config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
    DWORD needed = 0;
    if (::QueryServiceConfigW(service.get(), config, static_cast<DWORD>(buffer.size()), &needed) ==
        FALSE) {
        ThrowLastError("QueryServiceConfigW");
    }
    return config->dwStartType;
}

std::vector<ServiceDependencies> ListServiceDependencies() {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
    std::vector<ServiceDependencies> services;
    for (std::wstring& name : AllServiceNames(manager.get())) {
        std::vector<std::wstring> dependsOn = DependenciesOf(name);
        services.push_back({std::move(name), std::move(dependsOn)});
    }
    return services;
}

bool RequestServiceStop(const std::wstring& name) {
    const UniqueScHandle service = OpenRequiredService(name, SERVICE_STOP);
    SERVICE_STATUS status{};
    if (::ControlService(service.get(), SERVICE_CONTROL_STOP, &status) != FALSE) {
        return true;
    }
    const DWORD error = ::GetLastError();
    if (error == ERROR_SERVICE_NOT_ACTIVE) {
        return false;
    }
    throw HresultError{HRESULT_FROM_WIN32(error), "ControlService"};
}

bool RequestServiceStart(const std::wstring& name) {
    const UniqueScHandle service = OpenRequiredService(name, SERVICE_START);
    if (::StartServiceW(service.get(), 0, nullptr) != FALSE) {
        return true;
    }
    const DWORD error = ::GetLastError();
    if (error == ERROR_SERVICE_ALREADY_RUNNING) {
        return false;
    }
    throw HresultError{HRESULT_FROM_WIN32(error), "StartServiceW"};
}

}  // namespace wsb::win
