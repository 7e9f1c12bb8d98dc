#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "../core/service-life.hpp"
#include "../vss/writer-host.hpp"
#include "bindings.hpp"
#include "convert.hpp"
#include "ending.hpp"
#include "writer-plan.hpp"

namespace wsb::napi {
namespace {

constexpr const char* kBackupTypeNames[] = {"undefined", "full", "incremental", "differential",
                                            "log",       "copy", "other"};

const char* BackupTypeName(uint32_t type) {
    return kBackupTypeNames[type <= vss::kBackupTypeOther ? type : vss::kBackupTypeOther];
}

Napi::Value FromComponents(Napi::Env env,
                           const std::optional<std::vector<OwnedComponent>>& components) {
    if (!components) {
        return env.Null();
    }
    auto array = Napi::Array::New(env, components->size());
    for (uint32_t index = 0; index < components->size(); ++index) {
        const Napi::HandleScope scope{env};
        auto object = Napi::Object::New(env);
        object.Set("componentName", FromOptional(env, (*components)[index].componentName));
        object.Set("logicalPath", FromOptional(env, (*components)[index].logicalPath));
        array.Set(index, object);
    }
    return array;
}

Napi::Array FromVolumes(Napi::Env env, const std::vector<WriterVolume>& volumes) {
    auto array = Napi::Array::New(env, volumes.size());
    for (uint32_t index = 0; index < volumes.size(); ++index) {
        auto object = Napi::Object::New(env);
        object.Set("volume", FromString(env, volumes[index].volume));
        object.Set("isInSet", Napi::Boolean::New(env, volumes[index].isInSet));
        array.Set(index, object);
    }
    return array;
}

Napi::Object FromRequest(Napi::Env env, const WriterRequest& request) {
    auto object = Napi::Object::New(env);
    object.Set("event",
               Napi::String::New(env, kWriterEventNames[static_cast<size_t>(request.event)]));
    object.Set("backupType", Napi::String::New(env, BackupTypeName(request.backupType)));
    object.Set("components", FromComponents(env, request.components));
    object.Set("snapshotSetId", FromOptional(env, request.snapshotSetId));
    object.Set("volumes", FromVolumes(env, request.volumes));
    return object;
}

WriterFailure ReadFailure(const Napi::Object& object) {
    return {ToHresult(object.Get("hresult"), "hresult"),
            ToHresult(object.Get("applicationHresult"), "applicationHresult"),
            ToString(object.Get("message"), "message")};
}

WriterLimits ReadLimits(const Napi::Object& object) {
    WriterLimits limits{};
    for (size_t index = 0; index < limits.size(); ++index) {
        const char* event = kWriterEventNames[index];
        limits[index] = std::chrono::milliseconds{ToUint32(object.Get(event), event)};
    }
    return limits;
}

/// A writer, its waiting events, and the Promises of its beginning and of its end.
class RunningWriter final {
  public:
    RunningWriter(Napi::Env env, const WriterLimits& limits)
        : m_subscribed(Napi::Promise::Deferred::New(env)),
          m_events(std::make_shared<WriterEvents>(
              // The result is not napi_ok while the environment shuts down.
              limits, [this] { return m_function.NonBlockingCall(nullptr) == napi_ok; },
              &EndProcess)) {}
    RunningWriter(const RunningWriter&) = delete;
    RunningWriter& operator=(const RunningWriter&) = delete;
    ~RunningWriter() = default;

    static Napi::Promise Start(Napi::Env env, vss::WriterOptions options,
                               const WriterLimits& limits, const Napi::Function& onEvent) {
        auto self = std::make_shared<RunningWriter>(env, limits);
        self->m_self = self;
        // The writer must not outlive the function that it calls. The finalizer, which also runs
        // when JavaScript ends, releases both.
        auto reference = std::make_unique<std::shared_ptr<RunningWriter>>(self);
        self->m_function = ThreadSafeFunction::New(
            env, onEvent, "wsb-addin", 0, 1, self.get(),
            [](Napi::Env, std::shared_ptr<RunningWriter>* owned, RunningWriter* finalized) {
                finalized->m_host.reset();
                delete owned;
            },
            reference.get());
        static_cast<void>(reference.release());
        try {
            self->m_host.emplace(
                std::move(options), self->m_events,
                vss::WriterHostEvents{[raw = self.get()] { raw->Post(Subscribed{}); },
                                      [raw = self.get()](std::exception_ptr failure) {
                                          raw->Post(Ended{std::move(failure)});
                                      }});
        } catch (...) {
            self->m_function.Release();
            throw;
        }
        // Runs before the function is destroyed, because that was made earlier: no thread of VSS
        // may wait for JavaScript any more, or call it.
        env.AddCleanupHook([self] { self->m_events->Stop(); });
        return self->m_subscribed.Promise();
    }

  private:
    struct Subscribed {};
    struct Ended {
        std::exception_ptr failure;
    };
    /// Null stands for a notice of the events.
    using Message = std::variant<Subscribed, Ended>;

    [[noreturn]] static void EndProcess() {
        // The application is frozen, and JavaScript cannot thaw it: the guardian does, when this
        // process has ended.
        ::TerminateProcess(::GetCurrentProcess(), kServiceHung);
        std::terminate();
    }

    void Post(Message message) noexcept try {
        auto owned = std::make_unique<Message>(std::move(message));
        if (m_function.NonBlockingCall(owned.get()) == napi_ok) {
            static_cast<void>(owned.release());
        }
    } catch (...) {
        // Out of memory: JavaScript never learns of it, and the service ends at its limit.
    }

    static void OnMessage(Napi::Env env, Napi::Function onEvent, RunningWriter* self,
                          Message* message) {
        const std::unique_ptr<Message> owned{message};
        // JavaScript has ended, and Node.js has finalized the function.
        if (static_cast<napi_env>(env) == nullptr) {
            return;
        }
        if (message == nullptr) {
            self->DeliverNotice(env, onEvent);
        } else if (const auto* ended = std::get_if<Ended>(message)) {
            self->End(env, ended->failure);
        } else {
            self->m_isSubscribed = true;
            self->m_subscribed.Resolve(self->Handle(env));
        }
    }
    using ThreadSafeFunction = Napi::TypedThreadSafeFunction<RunningWriter, Message, &OnMessage>;

    void DeliverNotice(Napi::Env env, const Napi::Function& onEvent) {
        const std::optional<WriterNotice> notice = m_events->Take();
        if (!notice) {
            return;
        }
        try {
            const Napi::HandleScope scope{env};
            auto object = Napi::Object::New(env);
            object.Set("kind", notice->request == nullptr ? "expired" : "request");
            object.Set("id", notice->id);
            if (notice->request != nullptr) {
                object.Set("request", FromRequest(env, *notice->request));
            }
            onEvent.Call({object});
        } catch (...) {
            // JavaScript failed to take the event, so VSS must not wait for it.
            m_events->Complete(notice->id, WriterFailure{kWriterRetryable, kUnexpected,
                                                         L"The writer failed to take the event."});
            throw;
        }
    }

    void End(Napi::Env env, const std::exception_ptr& failure) {
        m_events->Stop();
        m_host.reset();
        m_function.Release();
        if (m_isSubscribed || !failure) {
            m_ended.Settle(env, failure);
            return;
        }
        try {
            AtEdge(env, [&] { std::rethrow_exception(failure); });
        } catch (const Napi::Error& error) {
            m_subscribed.Reject(error.Value());
        }
    }

    Napi::Value Complete(const Napi::CallbackInfo& call) {
        const uint32_t id = ToUint32(call[0], "id");
        std::optional<WriterFailure> failure;
        try {
            if (!call[1].IsUndefined()) {
                failure = ReadFailure(ToObject(call[1], "failure"));
            }
        } catch (...) {
            // JavaScript gets the exception, and VSS gets an answer now.
            m_events->Complete(id, WriterFailure{kWriterRetryable, kUnexpected,
                                                 L"The writer returned a malformed failure."});
            throw;
        }
        return Napi::Boolean::New(call.Env(), m_events->Complete(id, std::move(failure)));
    }

    Napi::Value Unsubscribe(const Napi::CallbackInfo& call) {
        // First, so that no thread of VSS waits for JavaScript while VSS waits for its threads.
        m_events->Stop();
        if (m_host) {
            m_host->Unsubscribe();
        }
        return m_ended.Wait(call.Env());
    }

    [[nodiscard]] Napi::Object Handle(Napi::Env env) {
        auto handle = Napi::Object::New(env);
        const std::shared_ptr<RunningWriter> self = m_self.lock();
        handle.Set("complete",
                   Napi::Function::New(
                       env, [self](const Napi::CallbackInfo& call) { return self->Complete(call); },
                       "complete"));
        handle.Set(
            "unsubscribe",
            Napi::Function::New(
                env, [self](const Napi::CallbackInfo& call) { return self->Unsubscribe(call); },
                "unsubscribe"));
        return handle;
    }

    const Napi::Promise::Deferred m_subscribed;
    Ending m_ended;
    ThreadSafeFunction m_function;
    std::weak_ptr<RunningWriter> m_self;
    bool m_isSubscribed = false;
    const std::shared_ptr<WriterEvents> m_events;
    std::optional<vss::WriterHost> m_host;
};

}  // namespace

Napi::Value CreateVssWriter(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const auto options = ToObject(info[0], "options");
    vss::WriterOptions writer{
        ToGuid(options.Get("id"), "id"),
        ToString(options.Get("name"), "name"),
        ReadWriterPlan(ToObject(options.Get("plan"), "plan")),
        ToBytes(options.Get("accessDescriptor"), "accessDescriptor"),
        ToUint32(options.Get("freezeTimeoutMs"), "freezeTimeoutMs"),
    };
    const auto limits = ReadLimits(ToObject(options.Get("limitsMs"), "limitsMs"));
    if (!options.Get("onEvent").IsFunction()) {
        throw Napi::TypeError::New(env, "onEvent must be a function.");
    }
    return AtEdge(env, [&]() -> Napi::Value {
        return RunningWriter::Start(env, std::move(writer), limits,
                                    options.Get("onEvent").As<Napi::Function>());
    });
}

}  // namespace wsb::napi
