#include <algorithm>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "../win/known-folders.hpp"
#include "../win/protected-file.hpp"
#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {
namespace {

const char* ReasonName(DistrustReason reason) {
    switch (reason) {
        case DistrustReason::kReparsePoint:
            return "link";
        case DistrustReason::kKind:
            return "kind";
        case DistrustReason::kOwner:
            return "owner";
        case DistrustReason::kHardLink:
            return "hardLink";
        case DistrustReason::kAccess:
            break;
    }
    return "access";
}

void SetDistrust(Napi::Object& object, const std::wstring& owner, const Distrust& distrust) {
    const Napi::Env env = object.Env();
    object.Set("owner", FromString(env, owner));
    object.Set("reason", ReasonName(distrust.reason));
    object.Set("account", FromString(env, distrust.account));
}

Napi::Value ForeignToJs(Napi::Env env, const win::ForeignPath& foreign) {
    auto object = Napi::Object::New(env);
    object.Set("path", FromString(env, foreign.path));
    SetDistrust(object, foreign.owner, foreign.distrust);
    return object;
}

}  // namespace

Napi::Value InspectProtected(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto found =
        AtEdge(env, [&] { return win::InspectProtected(ToString(info[0], "path")); });
    if (!found) {
        return env.Null();
    }
    auto object = Napi::Object::New(env);
    object.Set("isFolder", found->kind == ObjectKind::kFolder);
    object.Set("isReparsePoint", found->isReparsePoint);
    object.Set("owner", FromString(env, found->owner));
    object.Set("distrust", env.Null());
    if (found->distrust) {
        auto distrust = Napi::Object::New(env);
        SetDistrust(distrust, found->owner, *found->distrust);
        object.Set("distrust", distrust);
    }
    return object;
}

Napi::Value ReadProtectedFile(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto read = AtEdge(env, [&] {
        return win::ReadProtectedFile(ToStrings(info[0], "folders"), ToString(info[1], "file"),
                                      ToUint32(info[2], "maxBytes"));
    });
    if (std::holds_alternative<std::monostate>(read)) {
        return env.Null();
    }
    if (const auto* foreign = std::get_if<win::ForeignPath>(&read)) {
        return ForeignToJs(env, *foreign);
    }
    const auto& bytes = std::get<std::vector<uint8_t>>(read);
    auto array = Napi::Uint8Array::New(env, bytes.size());
    std::copy(bytes.begin(), bytes.end(), array.Data());
    return array;
}

Napi::Value MoveAside(const Napi::CallbackInfo& info) {
    AtEdge(info.Env(), [&] { win::MoveAside(ToString(info[0], "from"), ToString(info[1], "to")); });
    return info.Env().Undefined();
}

Napi::Value KnownFolders(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto folders = AtEdge(env, [] { return win::FindKnownFolders(); });
    auto object = Napi::Object::New(env);
    object.Set("programData", FromString(env, folders.programData));
    object.Set("windows", FromString(env, folders.windows));
    return object;
}

}  // namespace wsb::napi
