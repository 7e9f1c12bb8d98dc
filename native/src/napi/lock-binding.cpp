#include <chrono>
#include <memory>

#include "../win/file-lock.hpp"
#include "bindings.hpp"
#include "convert.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

Napi::Value FileLockToJs(Napi::Env env, const std::shared_ptr<win::FileLock>& held) {
    if (held == nullptr) {
        return env.Null();
    }
    // The one owner of the lock; empty after the release.
    const auto slot = std::make_shared<std::shared_ptr<win::FileLock>>(held);
    auto object = Napi::Object::New(env);
    object.Set("release",
               Napi::Function::New(
                   env, [slot](const Napi::CallbackInfo&) { slot->reset(); }, "release"));
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
