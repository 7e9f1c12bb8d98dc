#pragma once

#include <windows.h>

#include <chrono>
#include <string>
#include <vector>

namespace wsb::win {

/// A service of its own process that starts with Windows; ServiceDefinition of service-host.ts.
struct ServiceDefinition {
    std::wstring name;
    std::wstring displayName;
    std::wstring description;
    std::wstring commandLine;
    std::wstring account;
    std::vector<std::wstring> dependsOn;
    std::chrono::milliseconds preshutdown;
    std::vector<std::chrono::milliseconds> restartDelays;
    std::chrono::seconds resetAfter;
};

// These functions may block on the service control manager: do not call them on the JavaScript
// thread.

/// Creates a service, and deletes it again when a part of its configuration fails.
/// @exception HresultError ERROR_SERVICE_EXISTS when there is one of that name.
void InstallService(const ServiceDefinition& definition);

/// Deletes a service; false when it does not exist, or is deleted already.
[[nodiscard]] bool DeleteService(const std::wstring& name);

}  // namespace wsb::win
