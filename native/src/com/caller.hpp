#pragma once

#include <windows.h>

#include <optional>

#include "../win/process.hpp"

namespace wsb::com {

/// Returns the id of the process whose RPC call this thread serves; 0 outside of a call, and when
/// RPC does not know it. The id is valid during the call; afterwards it may be reused.
[[nodiscard]] DWORD CallerProcessId() noexcept;

/// Opens the calling process; nothing when it is unknown or Windows denies access.
[[nodiscard]] std::optional<win::Process> OpenCallerProcess() noexcept;

}  // namespace wsb::com
