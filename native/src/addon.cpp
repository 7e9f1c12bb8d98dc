#include <napi.h>

#include "napi/bindings.hpp"

namespace {

Napi::Object Init(Napi::Env env, Napi::Object exports) {
    namespace binding = wsb::napi;
    const auto add = [&](const char* name, auto* function) {
        exports.Set(name, Napi::Function::New(env, function, name));
    };
    add("startServer", binding::StartServer);
    add("activate", binding::Activate);
    add("hasRegistryKey", binding::HasRegistryKey);
    add("readRegistryKey", binding::ReadRegistryKey);
    add("readRegistryValue", binding::ReadRegistryValue);
    add("createRegistryKey", binding::CreateRegistryKey);
    add("flushRegistryKey", binding::FlushRegistryKey);
    add("writeRegistryValue", binding::WriteRegistryValue);
    add("deleteRegistryValue", binding::DeleteRegistryValue);
    add("deleteRegistryKey", binding::DeleteRegistryKey);
    add("queryService", binding::QueryService);
    add("describeService", binding::DescribeService);
    add("setServiceStartType", binding::SetServiceStartType);
    add("listServiceDependencies", binding::ListServiceDependencies);
    add("changeService", binding::ChangeService);
    add("watchServices", binding::WatchServices);
    add("runService", binding::RunService);
    add("installService", binding::InstallService);
    add("deleteService", binding::DeleteService);
    add("createWriter", binding::CreateVssWriter);
    add("lockFile", binding::LockFile);
    add("isElevated", binding::IsElevated);
    add("createProtectedFolder", binding::CreateProtectedFolder);
    add("describeSecurity", binding::DescribeSecurity);
    add("accountName", binding::AccountName);
    add("isWine", binding::IsWine);
    add("readFileSecurity", binding::ReadFileSecurity);
    add("inspectProtected", binding::InspectProtected);
    add("readProtectedFile", binding::ReadProtectedFile);
    add("moveAside", binding::MoveAside);
    add("knownFolders", binding::KnownFolders);
    add("driveType", binding::DriveType);
    add("codePages", binding::CodePages);
    add("decodeText", binding::DecodeText);
    add("processInfo", binding::ProcessInfo);
    add("waitForProcessExit", binding::WaitForProcessExit);
    add("endProcess", binding::EndProcess);
    add("startProcess", binding::StartProcess);
    add("reportEvent", binding::ReportWindowsEvent);
    add("registerCloudProvider", binding::RegisterCloudProvider);
    add("deregisterCloudProvider", binding::DeregisterCloudProvider);
    add("updateCloudStatus", binding::UpdateCloudStatus);
    add("registerExpressWriter", binding::RegisterExpressWriter);
    add("registerExpressDocument", binding::RegisterExpressDocument);
    add("unregisterExpressWriter", binding::UnregisterExpressWriter);
    return exports;
}

}  // namespace

NODE_API_MODULE(wsb_addin, Init)
