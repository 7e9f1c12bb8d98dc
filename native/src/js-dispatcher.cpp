#include "js-dispatcher.hpp"

#include <condition_variable>
#include <utility>

#include "napi/convert.hpp"

namespace wsb {
namespace {

Napi::Object ToJs(Napi::Env env, const com::BorrowedComponent& component) {
    auto call = Napi::Object::New(env);
    call.Set("writerMetadata", napi::FromNullable(env, component.writerMetadata));
    call.Set("componentName", napi::FromNullable(env, component.componentName));
    call.Set("logicalPath", napi::FromNullable(env, component.logicalPath));
    return call;
}

Napi::Value ToJs(Napi::Env env, const LPWSTR* strings, size_t count) {
    if (strings == nullptr) {
        return env.Null();
    }
    auto array = Napi::Array::New(env, count);
    for (size_t index = 0; index < count; ++index) {
        // 10,000 iterations must not pile up 10,000 handles.
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

    Napi::Object operator()(const com::OrderComponentsCall& order) const {
        auto components = Napi::Array::New(env, order.names.size());
        for (size_t index = 0; index < order.names.size(); ++index) {
            const Napi::HandleScope scope{env};
            auto component = Napi::Object::New(env);
            component.Set("componentName", napi::FromNullable(env, order.names[index]));
            component.Set("logicalPath", napi::FromNullable(env, order.logicalPaths[index]));
            components.Set(static_cast<uint32_t>(index), component);
        }
        auto call = Napi::Object::New(env);
        call.Set("components", components);
        return call;
    }

    Napi::Object operator()(const com::IsRollForwardSupportedCall& /*call*/) const {
        return Napi::Object::New(env);
    }

    Napi::Object operator()(const com::CheckConsistencyCall& check) const {
        auto call = ToJs(env, check.component);
        call.Set("sourceVolumePaths", ToJs(env, check.sourceVolumePaths, check.volumeCount));
        call.Set("snapshotVolumePaths", ToJs(env, check.snapshotVolumePaths, check.volumeCount));
        return call;
    }
};

const char* ReasonName(com::AbortReason reason) {
    switch (reason) {
        case com::AbortReason::kAborted:
            return "aborted";
        case com::AbortReason::kReleased:
            return "released";
        case com::AbortReason::kClientExited:
            return "clientExited";
    }
    return "";
}

com::Reply Disconnected() {
    return com::FailedReply(RPC_E_DISCONNECTED, L"The add-in is shutting down.");
}

}  // namespace

/// A COM thread that waits. `call` points into its stack and its RPC buffer: it may be read only
/// with `mutex` held and `finished` false.
struct JsDispatcher::WaitingCall {
    WaitingCall(const com::Call& waiting, DWORD caller) : call(&waiting), clientId(caller) {}

    /// False when the call had run into its limit.
    bool Finish(com::Reply answer) {
        {
            const std::lock_guard lock{mutex};
            if (finished) {
                return false;
            }
            finished = true;
            reply = std::move(answer);
        }
        answered.notify_one();
        return true;
    }

    std::mutex mutex;
    std::condition_variable answered;
    const com::Call* call;
    const DWORD clientId;
    bool finished = false;
    com::Reply reply;
};

std::shared_ptr<JsDispatcher> JsDispatcher::Create(Napi::Env env, const Napi::Function& onEvent,
                                                   const CallLimits& limits) {
    std::shared_ptr<JsDispatcher> self{new JsDispatcher{limits}};
    // The function's context must outlive it: its finalizer lets go of this extra reference.
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

com::Reply JsDispatcher::Dispatch(const com::Call& call, DWORD clientId) {
    auto waiting = std::make_shared<WaitingCall>(call, clientId);
    uint32_t id = 0;
    {
        const std::lock_guard lock{m_mutex};
        id = ++m_lastId;
        // Entered first: nothing may fail between the event, which points to `call`, and the wait.
        const auto entered = m_calls.emplace(id, waiting).first;
        if (!PostLocked(lock, CallEvent{id, waiting})) {
            m_calls.erase(entered);
            return Disconnected();
        }
    }
    const std::chrono::milliseconds limit = m_limits[call.index()];
    {
        std::unique_lock lock{waiting->mutex};
        if (waiting->answered.wait_for(lock, limit, [&] { return waiting->finished; })) {
            return std::move(waiting->reply);
        }
        waiting->finished = true;
    }
    const std::lock_guard lock{m_mutex};
    m_calls.erase(id);
    PostLocked(lock, ExpiredEvent{id});
    return com::FailedReply(HRESULT_FROM_WIN32(ERROR_TIMEOUT),
                            L"The add-in did not answer within " + std::to_wstring(limit.count()) +
                                L" ms. See the add-in's log.");
}

void JsDispatcher::AbortOperation(uint32_t id, com::AbortReason reason) noexcept try {
    const std::lock_guard lock{m_mutex};
    PostLocked(lock, AbortEvent{id, reason});
} catch (...) {
    // Out of memory: for its client the check has ended; its handler runs on to its limit.
}

void JsDispatcher::ReportIdle() noexcept {
    const std::lock_guard lock{m_mutex};
    PostLocked(lock, IdleEvent{});
}

bool JsDispatcher::Answer(uint32_t id, com::Reply reply, bool startsOperation) {
    std::shared_ptr<WaitingCall> waiting;
    std::shared_ptr<com::OperationState> operation;
    {
        const std::lock_guard lock{m_mutex};
        const auto found = m_calls.find(id);
        if (found == m_calls.end()) {
            return false;
        }
        waiting = std::move(found->second);
        m_calls.erase(found);
        if (startsOperation) {
            operation = std::make_shared<com::OperationState>(id);
            m_operations.emplace(id, operation);
        }
    }
    reply.operation = operation;
    if (waiting->Finish(std::move(reply))) {
        return true;
    }
    // The caller gave up in this very moment and knows of no operation.
    const std::lock_guard lock{m_mutex};
    m_operations.erase(id);
    return false;
}

bool JsDispatcher::FinishOperation(uint32_t id, HRESULT status) {
    const std::lock_guard lock{m_mutex};
    const auto found = m_operations.find(id);
    if (found == m_operations.end()) {
        return false;
    }
    const bool first = found->second->Finish(status);
    m_operations.erase(found);
    return first;
}

void JsDispatcher::Stop() {
    std::map<uint32_t, std::shared_ptr<WaitingCall>> calls;
    {
        const std::lock_guard lock{m_mutex};
        if (m_stopped) {
            return;
        }
        m_stopped = true;
        calls.swap(m_calls);
        m_events.clear();
        for (const auto& [id, operation] : m_operations) {
            operation->Finish(RPC_E_DISCONNECTED);
        }
        m_operations.clear();
        m_function.Release();
    }
    for (const auto& [id, waiting] : calls) {
        waiting->Finish(Disconnected());
    }
}

bool JsDispatcher::PostLocked(const std::lock_guard<std::mutex>& /*lock*/, Event event) {
    if (m_stopped) {
        return false;
    }
    m_events.push_back(std::move(event));
    if (m_function.NonBlockingCall() == napi_ok) {
        return true;
    }
    // The environment is being torn down. A call event must not stay behind its caller, who goes.
    m_events.pop_back();
    return false;
}

void JsDispatcher::OnPosted(Napi::Env env, Napi::Function onEvent, JsDispatcher* self,
                            void* /*data*/) {
    // A null environment means that JavaScript is gone; Stop has answered everybody, and Node.js
    // has finalized the function already: `self` may be gone as well.
    if (static_cast<napi_env>(env) == nullptr) {
        return;
    }
    Event event;
    {
        const std::lock_guard lock{self->m_mutex};
        if (self->m_events.empty()) {
            return;
        }
        event = std::move(self->m_events.front());
        self->m_events.pop_front();
    }
    try {
        self->Deliver(env, onEvent, event);
    } catch (...) {
        // Whoever waits must not wait for an answer that JavaScript has failed to give.
        if (const auto* call = std::get_if<CallEvent>(&event)) {
            self->Answer(call->id, com::FailedReply(E_UNEXPECTED, L"The add-in cannot take calls."),
                         false);
        }
        throw;
    }
}

void JsDispatcher::Deliver(Napi::Env env, const Napi::Function& onEvent, const Event& event) {
    const Napi::HandleScope scope{env};
    auto object = Napi::Object::New(env);
    if (const auto* call = std::get_if<CallEvent>(&event)) {
        const std::lock_guard lock{call->waiting->mutex};
        if (call->waiting->finished) {
            return;  // expired before JavaScript came to it: the handler must not run any more
        }
        const com::Call& arguments = *call->waiting->call;
        auto converted = std::visit(CallToJs{env}, arguments);
        converted.Set("method", com::kMethodNames[arguments.index()]);
        object.Set("kind", "call");
        object.Set("id", call->id);
        object.Set("call", converted);
        object.Set("clientPid", call->waiting->clientId);
    } else if (const auto* expired = std::get_if<ExpiredEvent>(&event)) {
        object.Set("kind", "expired");
        object.Set("id", expired->id);
    } else if (const auto* abort = std::get_if<AbortEvent>(&event)) {
        object.Set("kind", "abort");
        object.Set("id", abort->id);
        object.Set("reason", ReasonName(abort->reason));
    } else {
        object.Set("kind", "idle");
    }
    onEvent.Call({object});
}

}  // namespace wsb
