#pragma once

namespace wsb::lab {

/// Hands this process to the service control manager and returns when its service has stopped.
///
/// Returns the process's exit code. The service reads what it does from the command line.
[[nodiscard]] int RunService();

}  // namespace wsb::lab
