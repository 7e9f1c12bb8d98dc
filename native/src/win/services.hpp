#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

namespace wsb::win {

/// State of a service as the service control manager reports it.
struct ServiceStatus {
    DWORD state;  // SERVICE_STOPPED … SERVICE_PAUSED
    DWORD processId;
    DWORD waitHintMs;
    DWORD exitCode;
};

/// A service and the services (not load order groups) it depends on.
struct ServiceDependencies {
    std::wstring name;
    std::vector<std::wstring> dependsOn;
};

// All of these may block on the service control manager: never call them on the JavaScript thread.

/// Nothing when there is no such service.
[[nodiscard]] std::optional<ServiceStatus> QueryService(const std::wstring& name);

/// SERVICE_BOOT_START … SERVICE_DISABLED.
[[nodiscard]] DWORD QueryServiceStartType(const std::wstring& name);

/// Every Win32 service of the machine. EnumDependentServicesW would do for one service, but it is
/// the configuration, not the state of the moment, that says which must be stopped first.
[[nodiscard]] std::vector<ServiceDependencies> ListServiceDependencies();

/// Sends SERVICE_CONTROL_STOP without waiting; false when the service was not running.
bool RequestServiceStop(const std::wstring& name);

/// Starts the service without waiting for RUNNING; false when it was running.
bool RequestServiceStart(const std::wstring& name);

}  // namespace wsb::win
