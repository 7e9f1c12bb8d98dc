#include "services.hpp"

#include <cstddef>
#include <cstdint>

#include "hresult.hpp"
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

/// An empty handle when there is no such service.
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
    // 256 KiB is the most the call accepts; more services than fit come in further rounds.
    std::vector<std::byte> buffer(256 * 1024);
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

std::vector<std::wstring> DependenciesOf(SC_HANDLE service) {
    DWORD needed = 0;
    if (::QueryServiceConfigW(service, nullptr, 0, &needed) == FALSE &&
        ::GetLastError() != ERROR_INSUFFICIENT_BUFFER) {
        ThrowLastError("QueryServiceConfigW");
    }
    std::vector<std::byte> buffer(needed);
    auto* config = reinterpret_cast<QUERY_SERVICE_CONFIGW*>(buffer.data());
    if (::QueryServiceConfigW(service, config, needed, &needed) == FALSE) {
        ThrowLastError("QueryServiceConfigW");
    }
    std::vector<std::wstring> names;
    for (const wchar_t* name = config->lpDependencies; name != nullptr && *name != L'\0';
         name += wcslen(name) + 1) {
        if (*name != SC_GROUP_IDENTIFIERW) {
            names.emplace_back(name);
        }
    }
    return names;
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
                               reinterpret_cast<BYTE*>(&status), sizeof status,
                               &needed) == FALSE) {
        ThrowLastError("QueryServiceStatusEx");
    }
    return ServiceStatus{status.dwCurrentState, status.dwProcessId, status.dwWaitHint,
                         status.dwWin32ExitCode};
}

std::vector<ServiceDependencies> ListServiceDependencies() {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
    std::vector<ServiceDependencies> services;
    for (std::wstring& name : AllServiceNames(manager.get())) {
        const UniqueScHandle service =
            OpenExistingService(manager.get(), name, SERVICE_QUERY_CONFIG);
        // One that was deleted since it was listed depends on nothing any more.
        if (service) {
            services.push_back({std::move(name), DependenciesOf(service.get())});
        }
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
