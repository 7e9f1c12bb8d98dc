#pragma once

#include <windows.h>

#include "win/wsb-online.hpp"

// The keys of the Microsoft Management Console under which a registered provider appears.
// https://learn.microsoft.com/previous-versions/windows/desktop/wsb/windows-server-backup-cloud-backup-provider-api-registry-keys

namespace wsb::lab {

/// Tells whether the keys of Windows Server Backup's own snap-in exist.
[[nodiscard]] bool IsParentRegistered();

[[nodiscard]] bool IsRegistered(const GUID& snapinId);

/// Tells whether a provider with another id extends Windows Server Backup's node.
[[nodiscard]] bool IsOtherRegistered(const GUID& snapinId);

void WriteProviderKeys(const win::WSB_OB_REGISTRATION_INFO& info);

void RemoveProviderKeys(const GUID& snapinId);

}  // namespace wsb::lab
