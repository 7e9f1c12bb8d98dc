#include "../win/services.hpp"

#include "bindings.hpp"
#include "convert.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

const char* StateName(DWORD state) {
    switch (state) {
        case SERVICE_STOPPED:
            return "STOPPED";
        case SERVICE_START_PENDING:
            return "START_PENDING";
        case SERVICE_STOP_PENDING:
            return "STOP_PENDING";
        case SERVICE_RUNNING:
            return "RUNNING";
        case SERVICE_CONTINUE_PENDING:
            return "CONTINUE_PENDING";
        case SERVICE_PAUSE_PENDING:
            return "PAUSE_PENDING";
        case SERVICE_PAUSED:
            return "PAUSED";
        default:
            throw win::HresultError{E_UNEXPECTED, "QueryServiceStatusEx"};
    }
}

const char* StartTypeName(DWORD startType) {
    switch (startType) {
        case SERVICE_BOOT_START:
            return "boot";
        case SERVICE_SYSTEM_START:
            return "system";
        case SERVICE_AUTO_START:
            return "automatic";
        case SERVICE_DEMAND_START:
            return "manual";
        case SERVICE_DISABLED:
            return "disabled";
        default:
            throw win::HresultError{E_UNEXPECTED, "QueryServiceConfigW"};
    }
}

Napi::Value BoolToJs(Napi::Env env, bool value) { return Napi::Boolean::New(env, value); }

}  // namespace

Napi::Value QueryService(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [name = ToString(info[0], "name")] { return win::QueryService(name); },
        [](Napi::Env env, const std::optional<win::ServiceStatus>& status) -> Napi::Value {
            if (!status) {
                return env.Null();
            }
            auto object = Napi::Object::New(env);
            object.Set("state", StateName(status->state));
            object.Set("processId", status->processId);
            object.Set("waitHintMs", status->waitHintMs);
            object.Set("exitCode", status->exitCode);
            return object;
        });
}

Napi::Value QueryServiceStartType(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [name = ToString(info[0], "name")] { return win::QueryServiceStartType(name); },
        [](Napi::Env env, DWORD startType) -> Napi::Value {
            return Napi::String::New(env, StartTypeName(startType));
        });
}

Napi::Value ListServiceDependencies(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [] { return win::ListServiceDependencies(); },
        [](Napi::Env env, const std::vector<win::ServiceDependencies>& services) -> Napi::Value {
            auto array = Napi::Array::New(env, services.size());
            for (size_t index = 0; index < services.size(); ++index) {
                const Napi::HandleScope scope{env};
                const auto& dependsOn = services[index].dependsOn;
                auto names = Napi::Array::New(env, dependsOn.size());
                for (size_t place = 0; place < dependsOn.size(); ++place) {
                    names.Set(static_cast<uint32_t>(place), FromString(env, dependsOn[place]));
                }
                auto service = Napi::Object::New(env);
                service.Set("name", FromString(env, services[index].name));
                service.Set("dependsOn", names);
                array.Set(static_cast<uint32_t>(index), service);
            }
            return array;
        });
}

Napi::Value RequestServiceStop(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [name = ToString(info[0], "name")] { return win::RequestServiceStop(name); },
        BoolToJs);
}

Napi::Value RequestServiceStart(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [name = ToString(info[0], "name")] { return win::RequestServiceStart(name); },
        BoolToJs);
}

}  // namespace wsb::napi
