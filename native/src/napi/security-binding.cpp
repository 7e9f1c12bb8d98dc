#include "../win/security-descriptor.hpp"
#include "../win/security.hpp"
#include "../win/wine.hpp"
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

Napi::Value DescribeSecurity(const Napi::CallbackInfo& info) {
    return FromOptional(info.Env(), AtEdge(info.Env(), [&] {
                            return win::DescribeSecurity(ToBytes(info[0], "descriptor"));
                        }));
}

Napi::Value AccountName(const Napi::CallbackInfo& info) {
    return FromOptional(
        info.Env(), AtEdge(info.Env(), [&] { return win::AccountName(ToString(info[0], "sid")); }));
}

Napi::Value IsWine(const Napi::CallbackInfo& info) {
    return Napi::Boolean::New(info.Env(), win::IsWine());
}

}  // namespace wsb::napi
