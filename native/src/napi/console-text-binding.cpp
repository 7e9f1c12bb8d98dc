#include "../win/console-text.hpp"

#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {

Napi::Value CodePages(const Napi::CallbackInfo& info) {
    const win::CodePages pages = win::ReadCodePages();
    Napi::Object object = Napi::Object::New(info.Env());
    object.Set("console", pages.console);
    object.Set("oem", pages.oem);
    return object;
}

Napi::Value DecodeText(const Napi::CallbackInfo& info) {
    return FromString(info.Env(), AtEdge(info.Env(), [&] {
                          return win::DecodeText(ToUint32(info[0], "codePage"),
                                                 ToBytes(info[1], "bytes"));
                      }));
}

}  // namespace wsb::napi
