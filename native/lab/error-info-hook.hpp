#pragma once

namespace wsb::lab {

/// Lets COM error information cross the process boundary under Wine, which leaves it behind.
///
/// Does nothing on Windows, where COM carries it itself, and nothing the second time.
/// Returns whether the hook is in place; then this DLL must never be unloaded.
bool InstallErrorInfoHook() noexcept;

}  // namespace wsb::lab
