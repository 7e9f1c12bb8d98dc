#pragma once

#include <napi.h>

// The functions that addon.cpp exports. NativeBinding in binding.ts documents them.

namespace wsb::napi {

Napi::Value StartServer(const Napi::CallbackInfo& info);

Napi::Value Activate(const Napi::CallbackInfo& info);

Napi::Value HasRegistryKey(const Napi::CallbackInfo& info);
Napi::Value ReadRegistryKey(const Napi::CallbackInfo& info);
Napi::Value ReadRegistryValue(const Napi::CallbackInfo& info);
Napi::Value CreateRegistryKey(const Napi::CallbackInfo& info);
Napi::Value FlushRegistryKey(const Napi::CallbackInfo& info);
Napi::Value WriteRegistryValue(const Napi::CallbackInfo& info);
Napi::Value DeleteRegistryValue(const Napi::CallbackInfo& info);
Napi::Value DeleteRegistryKey(const Napi::CallbackInfo& info);

Napi::Value QueryService(const Napi::CallbackInfo& info);
Napi::Value DescribeService(const Napi::CallbackInfo& info);
Napi::Value SetServiceStartType(const Napi::CallbackInfo& info);
Napi::Value ListServiceDependencies(const Napi::CallbackInfo& info);
Napi::Value ChangeService(const Napi::CallbackInfo& info);
Napi::Value WatchServices(const Napi::CallbackInfo& info);

Napi::Value RunService(const Napi::CallbackInfo& info);
Napi::Value InstallService(const Napi::CallbackInfo& info);
Napi::Value DeleteService(const Napi::CallbackInfo& info);

// CreateWriter is a function of vssapi.dll.
Napi::Value CreateVssWriter(const Napi::CallbackInfo& info);

Napi::Value LockFile(const Napi::CallbackInfo& info);

Napi::Value IsElevated(const Napi::CallbackInfo& info);
Napi::Value CreateProtectedFolder(const Napi::CallbackInfo& info);
Napi::Value DescribeSecurity(const Napi::CallbackInfo& info);
Napi::Value AccountName(const Napi::CallbackInfo& info);
Napi::Value IsWine(const Napi::CallbackInfo& info);

Napi::Value ProcessInfo(const Napi::CallbackInfo& info);
Napi::Value WaitForProcessExit(const Napi::CallbackInfo& info);
Napi::Value EndProcess(const Napi::CallbackInfo& info);
Napi::Value StartProcess(const Napi::CallbackInfo& info);

Napi::Value ReadFileSecurity(const Napi::CallbackInfo& info);
Napi::Value InspectProtected(const Napi::CallbackInfo& info);
Napi::Value ReadProtectedFile(const Napi::CallbackInfo& info);
Napi::Value MoveAside(const Napi::CallbackInfo& info);
Napi::Value KnownFolders(const Napi::CallbackInfo& info);
Napi::Value DriveType(const Napi::CallbackInfo& info);

Napi::Value CodePages(const Napi::CallbackInfo& info);
Napi::Value DecodeText(const Napi::CallbackInfo& info);

// Windows defines ReportEvent as a macro.
Napi::Value ReportWindowsEvent(const Napi::CallbackInfo& info);

Napi::Value RegisterCloudProvider(const Napi::CallbackInfo& info);
Napi::Value DeregisterCloudProvider(const Napi::CallbackInfo& info);
Napi::Value UpdateCloudStatus(const Napi::CallbackInfo& info);

Napi::Value RegisterExpressWriter(const Napi::CallbackInfo& info);
Napi::Value RegisterExpressDocument(const Napi::CallbackInfo& info);
Napi::Value UnregisterExpressWriter(const Napi::CallbackInfo& info);

}  // namespace wsb::napi
