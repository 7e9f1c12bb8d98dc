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

/// The program of a service's command line.
struct ServiceProgram {
    std::wstring path;  // empty for an empty command line
    bool exists;
};

/// What the service control manager knows of a service.
struct ServiceDescription {
    ServiceStatus status;
    DWORD startType;  // SERVICE_BOOT_START … SERVICE_DISABLED
    bool isDelayed;   // only of an automatic service
    ServiceProgram program;
    bool mayStart;  // this process
    std::vector<std::wstring> dependsOn;
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

/// Describes a service; nothing when it does not exist.
[[nodiscard]] std::optional<ServiceDescription> DescribeService(const std::wstring& name);

/// Sets the start type (SERVICE_AUTO_START, …), and for an automatic service whether its start is
/// delayed. Another start type leaves the delay as it is. The change survives a power cut.
void SetServiceStartType(const std::wstring& name, DWORD startType, bool isDelayed);

/// Lists every Win32 service of the machine with its dependencies. EnumDependentServicesW would
/// return only the current state of one service, but the order of stops depends on the
/// configuration.
[[nodiscard]] std::vector<ServiceDependencies> ListServiceDependencies();

/// Joins strings to the content of a REG_MULTI_SZ, whose end is the terminator of the string
/// itself.
[[nodiscard]] std::wstring JoinStrings(const std::vector<std::wstring>& strings);

}  // namespace wsb::win
