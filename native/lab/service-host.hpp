#pragma once

namespace wsb::lab {

/// Runs the service in this process and returns when it has stopped.
///
/// Returns the process's exit code. The command line defines the service's behaviour.
[[nodiscard]] int RunService();

}  // namespace wsb::lab
