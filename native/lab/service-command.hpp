#pragma once

#include <string>

#include "service-options.hpp"

namespace wsb::lab {

/// Outcome of a command: its exit code and the sentence for the person who gave it.
struct CommandOutcome {
    int exitCode;
    std::wstring text;
};

/// Enters the service that `options` describe, to be started by demand.
[[nodiscard]] CommandOutcome InstallService(const Options& options);

/// Stops and removes a service of this program; one that is not there is done already.
///
/// A service that refuses to stop loses its process: only this program's services come that far.
[[nodiscard]] CommandOutcome UninstallService(const std::wstring& name);

}  // namespace wsb::lab
