#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "../com/client.hpp"
#include "bindings.hpp"
#include "components.hpp"
#include "convert.hpp"
#include "run-async.hpp"

namespace wsb::napi {
namespace {

using com::Outcome;

/// The JavaScript side of a proxy; empty after release().
template <typename Remote>
using Slot = std::shared_ptr<std::shared_ptr<Remote>>;

template <typename Value, typename Convert>
Napi::Value FromOutcome(Napi::Env env, const Outcome<Value>& outcome, Convert convert) {
    auto result = Napi::Object::New(env);
    result.Set("hresult", FromHresult(env, outcome.hresult));
    result.Set("description", FromOptional(env, outcome.description));
    result.Set("value", SUCCEEDED(outcome.hresult) ? convert(outcome.value) : env.Undefined());
    return result;
}

/// Adds a method that runs `bind(info)` → `work(remote)` on a pool thread.
template <typename Remote, typename Bind, typename Convert>
void AddMethod(Napi::Object& object, const char* name, const Slot<Remote>& slot, Bind bind,
               Convert convert) {
    const Napi::Env env = object.Env();
    object.Set(name, Napi::Function::New(
                         env,
                         [slot, bind, convert](const Napi::CallbackInfo& info) -> Napi::Value {
                             if (*slot == nullptr) {
                                 throw ToError(info.Env(), RPC_E_DISCONNECTED, "release");
                             }
                             return RunAsync(
                                 info.Env(),
                                 [remote = *slot, work = bind(info)] { return work(*remote); },
                                 [convert](Napi::Env resultEnv, const auto& result) {
                                     return convert(resultEnv, result);
                                 });
                         },
                         name));
}

/// Adds release(), which drops the last reference on a pool thread, because that may call the
/// server.
template <typename Remote>
void AddRelease(Napi::Object& object, const Slot<Remote>& slot) {
    const Napi::Env env = object.Env();
    object.Set("release", Napi::Function::New(
                              env,
                              [slot](const Napi::CallbackInfo& info) -> Napi::Value {
                                  return RunAsync(
                                      info.Env(),
                                      [remote = std::exchange(*slot, nullptr)]() mutable {
                                          remote.reset();
                                          return com::Nothing{};
                                      },
                                      [](Napi::Env resultEnv, const com::Nothing&) {
                                          return resultEnv.Undefined();
                                      });
                              },
                              "release"));
}

Napi::Value NothingToJs(Napi::Env env, const Outcome<com::Nothing>& outcome) {
    return FromOutcome(env, outcome, [env](const com::Nothing&) { return env.Undefined(); });
}

Napi::Value OperationToJs(Napi::Env env, const std::shared_ptr<com::RemoteOperation>& operation) {
    if (operation == nullptr) {
        return env.Null();
    }
    auto slot = std::make_shared<std::shared_ptr<com::RemoteOperation>>(operation);
    auto object = Napi::Object::New(env);
    AddMethod(
        object, "queryStatus", slot,
        [](const Napi::CallbackInfo&) {
            return [](const com::RemoteOperation& remote) { return remote.QueryStatus(); };
        },
        [](Napi::Env resultEnv, const Outcome<HRESULT>& outcome) {
            return FromOutcome(resultEnv, outcome, [resultEnv](HRESULT status) {
                return FromHresult(resultEnv, status);
            });
        });
    AddMethod(
        object, "abort", slot,
        [](const Napi::CallbackInfo&) {
            return [](const com::RemoteOperation& remote) { return remote.Abort(); };
        },
        NothingToJs);
    AddRelease(object, slot);
    return object;
}

com::ComponentArguments ReadComponent(const Napi::Object& args) {
    return {ToOptionalString(args.Get("writerMetadata"), "writerMetadata"),
            ToOptionalString(args.Get("componentName"), "componentName"),
            ToOptionalString(args.Get("logicalPath"), "logicalPath")};
}

com::OptionalStrings ReadStrings(const Napi::Value& value, const char* what) {
    if (value.IsNull()) {
        return std::nullopt;
    }
    const auto array = ToArray(value, what);
    std::vector<com::OptionalString> strings;
    strings.reserve(array.Length());
    for (uint32_t index = 0; index < array.Length(); ++index) {
        const Napi::HandleScope scope{array.Env()};
        strings.push_back(ToOptionalString(array.Get(index), what));
    }
    return strings;
}

Napi::Value OrderToJs(Napi::Env env,
                      const Outcome<std::optional<std::vector<OwnedComponent>>>& outcome) {
    return FromOutcome(env, outcome, [env](const auto& order) -> Napi::Value {
        if (!order) {
            return env.Null();
        }
        auto array = Napi::Array::New(env, order->size());
        const ComponentWriter writer{env};
        for (size_t index = 0; index < order->size(); ++index) {
            const Napi::HandleScope scope{env};
            array.Set(static_cast<uint32_t>(index),
                      writer.Write(FromOptional(env, (*order)[index].componentName),
                                   FromOptional(env, (*order)[index].logicalPath)));
        }
        return array;
    });
}

void AddRestoreMethod(Napi::Object& object, const char* name, const Slot<com::RemoteAddin>& slot,
                      com::RestoreStage stage) {
    AddMethod(
        object, name, slot,
        [stage](const Napi::CallbackInfo& info) {
            const auto args = ToObject(info[0], "args");
            const auto rollForward = ToBool(args.Get("noRollForward"), "noRollForward")
                                         ? com::RollForward::kForbidden
                                         : com::RollForward::kAllowed;
            return [stage, component = ReadComponent(args),
                    rollForward](const com::RemoteAddin& remote) {
                return remote.Restore(stage, component, rollForward);
            };
        },
        NothingToJs);
}

Napi::Value AddinToJs(Napi::Env env, const std::shared_ptr<com::RemoteAddin>& addin) {
    auto slot = std::make_shared<std::shared_ptr<com::RemoteAddin>>(addin);
    auto object = Napi::Object::New(env);
    AddMethod(
        object, "queryInterface", slot,
        [](const Napi::CallbackInfo& info) {
            return [iid = ToGuid(info[0], "iid")](const com::RemoteAddin& remote) {
                return remote.QueryInterface(iid);
            };
        },
        FromHresult);
    AddMethod(
        object, "isRollForwardSupported", slot,
        [](const Napi::CallbackInfo&) {
            return [](const com::RemoteAddin& remote) { return remote.IsRollForwardSupported(); };
        },
        [](Napi::Env resultEnv, const Outcome<bool>& outcome) {
            return FromOutcome(resultEnv, outcome, [resultEnv](bool supported) {
                return Napi::Boolean::New(resultEnv, supported);
            });
        });
    AddMethod(
        object, "orderComponents", slot,
        [](const Napi::CallbackInfo& info) {
            return
                [components = ReadComponents(info[0], "components")](
                    const com::RemoteAddin& remote) { return remote.OrderComponents(components); };
        },
        OrderToJs);
    AddRestoreMethod(object, "preRestore", slot, com::RestoreStage::kPreRestore);
    AddRestoreMethod(object, "postRestore", slot, com::RestoreStage::kPostRestore);
    AddMethod(
        object, "checkConsistency", slot,
        [](const Napi::CallbackInfo& info) {
            const auto args = ToObject(info[0], "args");
            return
                [component = ReadComponent(args),
                 sources = ReadStrings(args.Get("sourceVolumePaths"), "sourceVolumePaths"),
                 snapshots = ReadStrings(args.Get("snapshotVolumePaths"), "snapshotVolumePaths")](
                    const com::RemoteAddin& remote) {
                    return remote.CheckConsistency(component, sources, snapshots);
                };
        },
        [](Napi::Env resultEnv, const Outcome<std::shared_ptr<com::RemoteOperation>>& outcome) {
            return FromOutcome(resultEnv, outcome, [resultEnv](const auto& operation) {
                return OperationToJs(resultEnv, operation);
            });
        });
    AddRelease(object, slot);
    return object;
}

}  // namespace

Napi::Value Activate(const Napi::CallbackInfo& info) {
    return RunAsync(
        info.Env(),
        [clsid = ToGuid(info[0], "clsid")] { return com::RemoteAddin::Activate(clsid); },
        [](Napi::Env env, const Outcome<std::shared_ptr<com::RemoteAddin>>& outcome) {
            return FromOutcome(env, outcome,
                               [env](const auto& addin) { return AddinToJs(env, addin); });
        });
}

}  // namespace wsb::napi
