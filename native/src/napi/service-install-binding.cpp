#include "../win/service-install.hpp"

#include <utility>
#include <variant>

#include "bindings.hpp"
#include "convert.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

std::vector<std::chrono::milliseconds> ReadDelays(const Napi::Value& value) {
    const Napi::Array array = ToArray(value, "restartDelaysMs");
    std::vector<std::chrono::milliseconds> delays;
    for (uint32_t index = 0; index < array.Length(); ++index) {
        delays.emplace_back(ToUint32(array.Get(index), "restartDelaysMs"));
    }
    return delays;
}

win::ServiceDefinition ReadDefinition(const Napi::Object& object) {
    const auto recovery = ToObject(object.Get("recovery"), "recovery");
    return {
        ToString(object.Get("name"), "name"),
        ToString(object.Get("displayName"), "displayName"),
        ToString(object.Get("description"), "description"),
        ToString(object.Get("commandLine"), "commandLine"),
        ToString(object.Get("account"), "account"),
        ToStrings(object.Get("dependsOn"), "dependsOn"),
        std::chrono::milliseconds{ToUint32(object.Get("preshutdownMs"), "preshutdownMs")},
        ReadDelays(recovery.Get("restartDelaysMs")),
        std::chrono::seconds{ToUint32(recovery.Get("resetAfterSeconds"), "resetAfterSeconds")},
    };
}

}  // namespace

Napi::Value InstallService(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [definition = ReadDefinition(ToObject(info[0], "definition"))] {
            win::InstallService(definition);
            return std::monostate{};
        },
        [](Napi::Env env, std::monostate) { return env.Undefined(); });
}

Napi::Value DeleteService(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(), [name = ToString(info[0], "name")] { return win::DeleteService(name); },
        [](Napi::Env env, bool existed) { return Napi::Boolean::New(env, existed); });
}

}  // namespace wsb::napi
