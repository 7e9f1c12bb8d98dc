#include "../win/security.hpp"

#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {

Napi::Value IsElevated(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), AtEdge(info.Env(), [] { return win::IsElevated(); }));
}

Napi::Value CreateProtectedFolder(const Napi::CallbackInfo& info) {
    AtEdge(info.Env(), [&] { win::CreateProtectedFolder(ToString(info[0], "path")); });
    return info.Env().Undefined();
}

}  // namespace wsb::napi
