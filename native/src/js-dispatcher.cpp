#include "js-dispatcher.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "napi/convert.hpp"

namespace wsb {
namespace {

Napi::Object ToJs(Napi::Env env, const BorrowedComponent& component) {
    auto call = Napi::Object::New(env);
    call.Set("writerMetadata", napi::FromNullable(env, component.writerMetadata));
    call.Set("componentName", napi::FromNullable(env, component.componentName));
    call.Set("logicalPath", napi::FromNullable(env, component.logicalPath));
    return call;
}

Napi::Value ToJs(Napi::Env env, wchar_t* const* strings, size_t count) {
    if (strings == nullptr) {
        return env.Null();
    }
    auto array = Napi::Array::New(env, count);
    for (size_t index = 0; index < count; ++index) {
        // Keeps 10,000 iterations from accumulating 10,000 handles.
        const Napi::HandleScope scope{env};
        array.Set(static_cast<uint32_t>(index), napi::FromNullable(env, strings[index]));
    }
    return array;
}

struct CallToJs {
    Napi::Env env;

    template <typename RestoreCall>
        requires requires(RestoreCall call) { call.noRollForward; }
    Napi::Object operator()(const RestoreCall& restore) const {
        auto call = ToJs(env, restore.component);
        call.Set("noRollForward", Napi::Boolean::New(env, restore.noRollForward));
        return call;
    }

    // One text and one list for any number of components. As objects, 10,000 components would need
    // 60,000 calls of Node-API, which take most of the time.
    Napi::Object operator()(const OrderComponentsCall& order) const {
        std::wstring names;
        std::vector<uint32_t> nulls;
        uint32_t position = 0;
        const auto add = [&](const wchar_t* name) {
            if (name == nullptr) {
                nulls.push_back(position);
            } else {
                names += name;
            }
            names += L'\0';
            ++position;
        };
        for (size_t index = 0; index < order.names.size(); ++index) {
            add(order.names[index]);
            add(order.logicalPaths[index]);
        }
        auto positions = Napi::Uint32Array::New(env, nulls.size());
        std::ranges::copy(nulls, positions.Data());
        auto call = Napi::Object::New(env);
        call.Set("names", napi::FromString(env, names));
        call.Set("nulls", positions);
        return call;
    }

    Napi::Object operator()(const IsRollForwardSupportedCall& /*call*/) const {
        return Napi::Object::New(env);
    }

    Napi::Object operator()(const CheckConsistencyCall& check) const {
        auto call = ToJs(env, check.component);
        call.Set("sourceVolumePaths", ToJs(env, check.sourceVolumePaths, check.volumeCount));
        call.Set("snapshotVolumePaths", ToJs(env, check.snapshotVolumePaths, check.volumeCount));
        return call;
    }
};

const char* ReasonName(AbortReason reason) {
    switch (reason) {
        case AbortReason::kAborted:
            return "aborted";
        case AbortReason::kReleased:
            return "released";
        case AbortReason::kClientExited:
            return "clientExited";
    }
    return "";
}

const char* KindName(EventKind kind) {
    switch (kind) {
        case EventKind::kCall:
            return "call";
        case EventKind::kExpired:
            return "expired";
        case EventKind::kAbort:
            return "abort";
        case EventKind::kIdle:
            return "idle";
        case EventKind::kReplaced:
            return "replaced";
    }
    return "";
}

}  // namespace

JsDispatcher::JsDispatcher(const CallLimits& limits)
    // The result is not napi_ok while the environment shuts down.
    : m_calls(limits, [this] { return m_function.NonBlockingCall() == napi_ok; }) {}

std::shared_ptr<JsDispatcher> JsDispatcher::Create(Napi::Env env, const Napi::Function& onEvent,
                                                   const CallLimits& limits) {
    std::shared_ptr<JsDispatcher> self{new JsDispatcher{limits}};
    // The function's context must outlive it, so its finalizer releases this extra reference.
    auto reference = std::make_unique<std::shared_ptr<JsDispatcher>>(self);
    self->m_function = ThreadSafeFunction::New(
        env, onEvent, "wsb-addin", 0, 1, self.get(),
        [](Napi::Env /*env*/, std::shared_ptr<JsDispatcher>* owned, JsDispatcher* /*self*/) {
            delete owned;
        },
        reference.get());
    static_cast<void>(reference.release());
    return self;
}

void JsDispatcher::Stop() {
    if (m_calls.Stop()) {
        m_function.Release();
    }
}

void JsDispatcher::OnPosted(Napi::Env env, Napi::Function onEvent, JsDispatcher* self,
                            void* /*data*/) {
    // A null environment means that JavaScript has ended. Stop has answered all callers, and
    // Node.js has finalized the function, so `self` may be destroyed.
    if (static_cast<napi_env>(env) == nullptr) {
        return;
    }
    const std::optional<Event> event = self->m_calls.TakeEvent();
    if (!event) {
        return;
    }
    try {
        self->Deliver(env, onEvent, *event);
    } catch (...) {
        // JavaScript failed to take the call, so the caller must not wait for an answer.
        if (event->kind == EventKind::kCall) {
            self->Answer(event->id,
                         FailedReply(E_UNEXPECTED, L"The add-in failed to take the call."), false);
        }
        throw;
    }
}

void JsDispatcher::Deliver(Napi::Env env, const Napi::Function& onEvent, const Event& event) {
    const Napi::HandleScope scope{env};
    auto object = Napi::Object::New(env);
    object.Set("kind", KindName(event.kind));
    if (event.kind != EventKind::kIdle && event.kind != EventKind::kReplaced) {
        object.Set("id", event.id);
    }
    if (event.kind == EventKind::kCall) {
        const bool isWaiting = event.pending->Read([&](const Call& arguments) {
            auto call = std::visit(CallToJs{env}, arguments);
            call.Set("method", kMethodNames[arguments.index()]);
            object.Set("call", call);
            object.Set("clientPid", event.pending->ClientId());
        });
        if (!isWaiting) {
            return;  // expired before JavaScript took it: the handler must not run
        }
    }
    if (event.kind == EventKind::kAbort) {
        object.Set("reason", ReasonName(event.reason));
    }
    onEvent.Call({object});
}

}  // namespace wsb
