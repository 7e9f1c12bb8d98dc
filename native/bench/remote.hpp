#pragma once

#include <wrl/client.h>

#include <string>

#include "com/wsbapp.hpp"

namespace wsb::bench {

/// An add-in in another process, through its proxies.
struct Remote {
    Microsoft::WRL::ComPtr<com::IWsbApplicationRestoreSupport> restore;
    Microsoft::WRL::ComPtr<com::IWsbApplicationBackupSupport> backup;
};

/// Activates the add-in.
/// @exception win::HresultError when COM cannot start it or an interface is missing.
[[nodiscard]] Remote Activate(const CLSID& clsid);

/// Calls PreRestore.
/// @param metadata The document, or null.
/// @exception win::HresultError when the call fails.
void PreRestore(const Remote& remote, const wchar_t* metadata, const wchar_t* component);
void PostRestore(const Remote& remote, const wchar_t* component);

}  // namespace wsb::bench
