#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

namespace wsb::win {

/// The state of a service, from the service control manager.
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

// These functions may block on the service control manager: do not call them on the JavaScript
// thread.

/// Returns the status of a service; nothing when it does not exist.
[[nodiscard]] std::optional<ServiceStatus> QueryService(const std::wstring& name);

/// Returns the start type: SERVICE_BOOT_START … SERVICE_DISABLED.
[[nodiscard]] DWORD QueryServiceStartType(const std::wstring& name);

/// Lists every Win32 service of the machine with its dependencies. EnumDependentServicesW would
/// return only the current state of one service, but the order of stops depends on the
/// configuration.
[[nodiscard]] std::vector<ServiceDependencies> ListServiceDependencies();

/// Sends SERVICE_CONTROL_STOP without waiting; false when the service was not running.
bool RequestServiceStop(const std::wstring& name);

/// Starts a service without waiting for RUNNING; false when it was running.
bool RequestServiceStart(const std::wstring& name);

}  // namespace wsb::win
