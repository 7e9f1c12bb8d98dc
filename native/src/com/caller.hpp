#pragma once

#include <windows.h>

namespace wsb::com {

/// Id of the process whose RPC call this thread serves; 0 outside a call, and when RPC does not
/// know. It is surely the caller's while the call lasts; later the process may have ended and
/// another may have its id.
[[nodiscard]] DWORD CallerProcessId() noexcept;

}  // namespace wsb::com
