#include <chrono>
#include <memory>
#include <utility>

#include "../win/file-lock.hpp"
#include "../win/named-mutex.hpp"
#include "bindings.hpp"
#include "convert.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

template <typename Lock>
Napi::Value LockToJs(Napi::Env env, const std::shared_ptr<Lock>& held) {
    if (held == nullptr) {
        return env.Null();
    }
    auto slot = std::make_shared<std::shared_ptr<Lock>>(held);
    auto object = Napi::Object::New(env);
    object.Set("release",
               Napi::Function::New(
                   env, [slot](const Napi::CallbackInfo&) { slot->reset(); }, "release"));
    return object;
}

}  // namespace

Napi::Value AcquireMutex(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [name = ToString(info[0], "name"),
         timeout = std::chrono::milliseconds{ToUint32(info[1], "timeoutMs")}] {
            return win::HeldMutex::Acquire(name, timeout);
        },
        LockToJs<win::HeldMutex>);
}

Napi::Value LockFile(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [path = ToString(info[0], "path"),
         timeout = std::chrono::milliseconds{ToUint32(info[1], "timeoutMs")}] {
            return win::FileLock::Acquire(path, timeout);
        },
        LockToJs<win::FileLock>);
}

}  // namespace wsb::napi
