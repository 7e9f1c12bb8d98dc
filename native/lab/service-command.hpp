#pragma once

#include <string>

#include "service-options.hpp"

namespace wsb::lab {

/// The outcome of a command: its exit code and a message.
struct CommandOutcome {
    int exitCode;
    std::wstring text;
};

/// Installs the service that `options` describe; it starts on demand.
[[nodiscard]] CommandOutcome InstallService(const Options& options);

/// Stops and removes a service of this program; succeeds when it is not installed.
///
/// Kills the process of a service that refuses to stop. Only this program's services are affected.
[[nodiscard]] CommandOutcome UninstallService(const std::wstring& name);

}  // namespace wsb::lab
