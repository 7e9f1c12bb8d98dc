#include "../win/file-security.hpp"

#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {
namespace {

Napi::Array EntriesToJs(Napi::Env env, const std::vector<AccessEntry>& entries) {
    auto array = Napi::Array::New(env, entries.size());
    for (size_t index = 0; index < entries.size(); ++index) {
        const Napi::HandleScope scope{env};
        const AccessEntry& entry = entries[index];
        auto object = Napi::Object::New(env);
        object.Set("kind", entry.kind == AccessKind::Allow ? "allow" : "deny");
        object.Set("sid", FromString(env, entry.sid));
        object.Set("mask", entry.mask);
        object.Set("flags", static_cast<uint32_t>(entry.flags));
        array.Set(static_cast<uint32_t>(index), object);
    }
    return array;
}

const char* KindName(win::DriveKind kind) {
    switch (kind) {
        case win::DriveKind::Missing:
            return "missing";
        case win::DriveKind::Removable:
            return "removable";
        case win::DriveKind::Fixed:
            return "fixed";
        case win::DriveKind::Network:
            return "network";
        case win::DriveKind::CdRom:
            return "cdrom";
        case win::DriveKind::RamDisk:
            return "ramdisk";
        case win::DriveKind::Substituted:
            return "substituted";
        case win::DriveKind::Unknown:
            break;
    }
    return "unknown";
}

}  // namespace

Napi::Value ReadFileSecurity(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto security =
        AtEdge(env, [&] { return win::ReadFileSecurity(ToString(info[0], "path")); });
    if (!security) {
        return env.Null();
    }
    auto object = Napi::Object::New(env);
    object.Set("owner", FromString(env, security->owner));
    const Napi::Value entries =
        security->entries ? EntriesToJs(env, *security->entries) : env.Null();
    object.Set("entries", entries);
    return object;
}

Napi::Value DriveType(const Napi::CallbackInfo& info) {
    const auto kind =
        AtEdge(info.Env(), [&] { return win::ReadDriveKind(ToString(info[0], "root")); });
    return Napi::String::New(info.Env(), KindName(kind));
}

}  // namespace wsb::napi
