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

/// The one owner of a held lock; empty after the release.
template <typename Lock>
using Slot = std::shared_ptr<std::shared_ptr<Lock>>;

template <typename Lock>
Napi::Object HeldToJs(Napi::Env env, const Slot<Lock>& slot) {
    auto object = Napi::Object::New(env);
    object.Set("release",
               Napi::Function::New(
                   env, [slot](const Napi::CallbackInfo&) { slot->reset(); }, "release"));
    return object;
}

Napi::Value MutexToJs(Napi::Env env, const std::shared_ptr<win::HeldMutex>& held) {
    if (held == nullptr) {
        return env.Null();
    }
    return HeldToJs(env, std::make_shared<std::shared_ptr<win::HeldMutex>>(held));
}

Napi::Value FileLockToJs(Napi::Env env, const std::shared_ptr<win::FileLock>& held) {
    if (held == nullptr) {
        return env.Null();
    }
    const auto slot = std::make_shared<std::shared_ptr<win::FileLock>>(held);
    auto object = HeldToJs(env, slot);
    object.Set("write", Napi::Function::New(
                            env,
                            [slot](const Napi::CallbackInfo& info) {
                                const auto record = ToBytes(info[0], "record");
                                AtEdge(info.Env(), [&] {
                                    if (*slot != nullptr) {
                                        (*slot)->Write(record);
                                    }
                                });
                            },
                            "write"));
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
        MutexToJs);
}

Napi::Value LockFile(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [path = ToString(info[0], "path"), record = ToBytes(info[1], "record"),
         timeout = std::chrono::milliseconds{ToUint32(info[2], "timeoutMs")}] {
            return win::FileLock::Acquire(path, record, timeout);
        },
        FileLockToJs);
}

}  // namespace wsb::napi
