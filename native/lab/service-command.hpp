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

/// Tells a service of a writer that Windows shuts down, by the user-defined controls that stand for
/// that under Wine (core/service-life.hpp).
[[nodiscard]] CommandOutcome PlayShutdown(const Options& options);

}  // namespace wsb::lab
