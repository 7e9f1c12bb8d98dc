#pragma once

namespace wsb::lab {

/// Transfers COM error information between processes under Wine, which does not do it.
///
/// Does nothing on Windows, where COM transfers it, and nothing at a second call.
/// Returns whether the hook is installed. If it is, this DLL must never be unloaded.
bool InstallErrorInfoHook() noexcept;

}  // namespace wsb::lab
