#include <variant>

#include "../win/wsb-online.hpp"

#include "bindings.hpp"
#include "convert.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

Napi::Value NothingToJs(Napi::Env env, std::monostate) { return env.Undefined(); }

win::CloudProvider ToProvider(const Napi::Value& value) {
    const Napi::Object provider = ToObject(value, "provider");
    return {ToString(provider.Get("resourceDll"), "resourceDll"),
            ToGuid(provider.Get("snapinId"), "snapinId"),
            ToUint32(provider.Get("nameId"), "nameId"), ToUint32(provider.Get("iconId"), "iconId"),
            static_cast<BOOLEAN>(ToBool(provider.Get("supportsRemoting"), "supportsRemoting"))};
}

win::CloudStatusValue ToStatusValue(const Napi::Value& value) {
    const Napi::Object pair = ToObject(value, "value");
    const uint32_t type = ToUint32(pair.Get("type"), "type");
    return {ToString(pair.Get("text"), "text"),
            static_cast<win::WSB_OB_STATUS_ENTRY_PAIR_TYPE>(type)};
}

win::CloudStatusEntry ToStatusEntry(const Napi::Value& value) {
    const Napi::Object object = ToObject(value, "entry");
    win::CloudStatusEntry entry{ToUint32(object.Get("iconId"), "iconId"),
                                ToUint32(object.Get("nameId"), "nameId"),
                                ToUint32(object.Get("valueId"), "valueId"),
                                {}};
    const Napi::Array values = ToArray(object.Get("values"), "values");
    for (uint32_t index = 0; index < values.Length(); ++index) {
        entry.values.push_back(ToStatusValue(values.Get(index)));
    }
    return entry;
}

std::vector<win::CloudStatusEntry> ToStatusEntries(const Napi::Value& value) {
    const Napi::Array array = ToArray(value, "entries");
    std::vector<win::CloudStatusEntry> entries;
    for (uint32_t index = 0; index < array.Length(); ++index) {
        entries.push_back(ToStatusEntry(array.Get(index)));
    }
    return entries;
}

}  // namespace

Napi::Value RegisterCloudProvider(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [provider = ToProvider(info[0])] {
            win::RegisterCloudProvider(provider);
            return std::monostate{};
        },
        NothingToJs);
}

Napi::Value DeregisterCloudProvider(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [snapinId = ToGuid(info[0], "snapinId")] {
            win::DeregisterCloudProvider(snapinId);
            return std::monostate{};
        },
        NothingToJs);
}

Napi::Value UpdateCloudStatus(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [snapinId = ToGuid(info[0], "snapinId"), entries = ToStatusEntries(info[1])] {
            win::UpdateCloudStatus(snapinId, entries);
            return std::monostate{};
        },
        NothingToJs);
}

}  // namespace wsb::napi
