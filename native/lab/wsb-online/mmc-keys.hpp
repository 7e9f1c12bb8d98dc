#pragma once

#include <windows.h>

#include "win/wsb-online.hpp"

// The keys of the Microsoft Management Console that a registered provider shows under.
// https://learn.microsoft.com/previous-versions/windows/desktop/wsb/windows-server-backup-cloud-backup-provider-api-registry-keys

namespace wsb::lab {

/// Whether the keys are there that Windows Server Backup's own snap-in would have made.
[[nodiscard]] bool IsParentRegistered();

[[nodiscard]] bool IsRegistered(const GUID& snapinId);

/// Whether a provider with another id extends Windows Server Backup's node.
[[nodiscard]] bool IsOtherRegistered(const GUID& snapinId);

void WriteProviderKeys(const win::WSB_OB_REGISTRATION_INFO& info);

void RemoveProviderKeys(const GUID& snapinId);

}  // namespace wsb::lab
