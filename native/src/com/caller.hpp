#pragma once

#include <windows.h>

#include <optional>

#include "../win/process.hpp"

namespace wsb::com {

/// Id of the process whose RPC call this thread serves; 0 outside a call, and when RPC does not
/// know. It is surely the caller's while the call lasts; later the process may have ended and
/// another may have its id.
[[nodiscard]] DWORD CallerProcessId() noexcept;

/// That process; nothing when it is unknown or Windows does not let us look at it.
[[nodiscard]] std::optional<win::Process> OpenCallerProcess() noexcept;

}  // namespace wsb::com
