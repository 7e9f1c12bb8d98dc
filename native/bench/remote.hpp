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

/// @exception win::HresultError when COM does not start it, or it lacks an interface.
[[nodiscard]] Remote Activate(const CLSID& clsid);

/// @param metadata Null for none.
/// @exception win::HresultError when the call fails.
void PreRestore(const Remote& remote, const wchar_t* metadata, const wchar_t* component);
void PostRestore(const Remote& remote, const wchar_t* component);

}  // namespace wsb::bench
