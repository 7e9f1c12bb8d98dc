#include "../win/process.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "../win/process-tree.hpp"
#include "bindings.hpp"
#include "convert.hpp"
#include "resource-promise.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

Napi::Value UndefinedToJs(Napi::Env env, const std::monostate& /*nothing*/) {
    return env.Undefined();
}

Napi::Value EndToJs(Napi::Env env, const win::ProcessTreeEnd& end) {
    auto object = Napi::Object::New(env);
    object.Set("exitCode", end.exitCode ? Napi::Number::New(env, *end.exitCode) : env.Null());
    object.Set("output", FromString(env, end.output));
    return object;
}

using ExitPromise = ResourcePromise<win::ProcessExitWatch, std::monostate, UndefinedToJs>;
using TreePromise = ResourcePromise<win::ProcessTree, win::ProcessTreeEnd, EndToJs>;

std::optional<win::Process> OpenStartedAt(DWORD id, uint64_t startedAt) {
    auto process = win::Process::Open(id);
    return process && process->StartedAt() == startedAt ? std::move(process) : std::nullopt;
}

win::ProcessTreeOptions ReadTreeOptions(const Napi::Object& options) {
    return {
        ToString(options.Get("file"), "file"),
        ToString(options.Get("commandLine"), "commandLine"),
        ToString(options.Get("folder"), "folder"),
        ToStrings(options.Get("environment"), "environment"),
        ToBytes(options.Get("input"), "input"),
        ToUint32(options.Get("outputBytes"), "outputBytes"),
    };
}

}  // namespace

Napi::Value ProcessInfo(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const DWORD id = ToUint32(info[0], "pid");
    return AtEdge(env, [&]() -> Napi::Value {
        const auto process = win::Process::Open(id);
        const auto image = process ? process->Image() : std::nullopt;
        if (!image) {
            return env.Null();
        }
        auto object = Napi::Object::New(env);
        object.Set("pid", process->Id());
        object.Set("startedAt", std::to_string(process->StartedAt()));
        object.Set("image", FromString(env, *image));
        return object;
    });
}

Napi::Value WaitForProcessExit(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const DWORD id = ToUint32(info[0], "pid");
    const uint64_t startedAt = ToUint64(info[1], "startedAt");
    const auto waiting = AtEdge(env, [&] {
        auto process = OpenStartedAt(id, startedAt);
        return process ? ExitPromise::Create(env, *std::move(process))
                       : ExitPromise::Settled(env, {});
    });
    auto object = Napi::Object::New(env);
    object.Set("exited", waiting->Promise());
    object.Set("close",
               Napi::Function::New(
                   env, [waiting](const Napi::CallbackInfo&) { waiting->Close(); }, "close"));
    return object;
}

Napi::Value EndProcess(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [id = ToUint32(info[0], "pid"), startedAt = ToUint64(info[1], "startedAt")] {
            return win::Process::End(id, startedAt);
        },
        [](Napi::Env env, bool ended) -> Napi::Value { return Napi::Boolean::New(env, ended); });
}

Napi::Value StartProcess(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const auto options = ReadTreeOptions(ToObject(info[0], "options"));
    const auto running = AtEdge(env, [&] { return TreePromise::Create(env, options); });
    auto object = Napi::Object::New(env);
    object.Set("pid", running->Held()->Id());
    object.Set("ended", running->Promise());
    object.Set("kill", Napi::Function::New(
                           env,
                           [running](const Napi::CallbackInfo&) {
                               if (auto& tree = running->Held()) {
                                   tree->Kill();
                               }
                           },
                           "kill"));
    return object;
}

}  // namespace wsb::napi
