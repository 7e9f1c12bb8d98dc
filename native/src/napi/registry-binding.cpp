#include "../win/registry.hpp"

#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {
namespace {

Napi::Array ToJs(Napi::Env env, const std::vector<std::wstring>& names) {
    auto array = Napi::Array::New(env, names.size());
    for (size_t index = 0; index < names.size(); ++index) {
        array.Set(static_cast<uint32_t>(index), FromString(env, names[index]));
    }
    return array;
}

}  // namespace

Napi::Value HasRegistryKey(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), AtEdge(info.Env(), [&] {
                                  return win::HasRegistryKey(ToString(info[0], "path"));
                              }));
}

Napi::Value ReadRegistryKey(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto content =
        AtEdge(env, [&] { return win::ReadRegistryKey(ToString(info[0], "path")); });
    if (!content) {
        return env.Null();
    }
    auto object = Napi::Object::New(env);
    object.Set("values", ToJs(env, content->values));
    object.Set("subkeys", ToJs(env, content->subkeys));
    return object;
}

Napi::Value ReadRegistryValue(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto value = AtEdge(env, [&] {
        return win::ReadRegistryValue(ToString(info[0], "path"), ToString(info[1], "name"));
    });
    if (!value) {
        return env.Null();
    }
    auto object = Napi::Object::New(env);
    object.Set("type", value->type);
    object.Set("data", Napi::Buffer<uint8_t>::Copy(env, value->data.data(), value->data.size()));
    return object;
}

Napi::Value CreateRegistryKey(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), AtEdge(info.Env(), [&] {
                                  return win::CreateRegistryKey(ToString(info[0], "path"));
                              }));
}

Napi::Value WriteRegistryValue(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    AtEdge(env, [&] {
        win::WriteRegistryValue(ToString(info[0], "path"), ToString(info[1], "name"),
                                {ToUint32(info[2], "type"), ToBytes(info[3], "data")});
    });
    return env.Undefined();
}

Napi::Value FlushRegistryKey(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    AtEdge(env, [&] { win::FlushRegistryKey(ToString(info[0], "path")); });
    return env.Undefined();
}

Napi::Value DeleteRegistryValue(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), AtEdge(info.Env(), [&] {
                                  return win::DeleteRegistryValue(ToString(info[0], "path"),
                                                                  ToString(info[1], "name"));
                              }));
}

Napi::Value DeleteRegistryKey(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), AtEdge(info.Env(), [&] {
                                  return win::DeleteRegistryKey(ToString(info[0], "path"));
                              }));
}

}  // namespace wsb::napi
