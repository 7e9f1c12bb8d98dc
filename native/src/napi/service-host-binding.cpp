#include "../win/service-host.hpp"

#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "bindings.hpp"
#include "convert.hpp"
#include "ending.hpp"

namespace wsb::napi {
namespace {

/// This process as a service, and the Promises of its start and of its end.
class HostedService final {
  public:
    explicit HostedService(Napi::Env env) : m_started(Napi::Promise::Deferred::New(env)) {}
    HostedService(const HostedService&) = delete;
    HostedService& operator=(const HostedService&) = delete;
    ~HostedService() = default;

    static Napi::Promise Start(Napi::Env env, std::wstring name, PendingLimits limits,
                               const Napi::Function& onStop) {
        auto self = std::make_shared<HostedService>(env);
        self->m_self = self;
        // The host must not outlive the function that it calls. The finalizer, which also runs when
        // JavaScript ends, releases both.
        auto reference = std::make_unique<std::shared_ptr<HostedService>>(self);
        self->m_function = ThreadSafeFunction::New(
            env, onStop, "wsb-addin", 0, 1, self.get(),
            [](Napi::Env, std::shared_ptr<HostedService>* owned, HostedService* finalized) {
                finalized->m_host.reset();
                delete owned;
            },
            reference.get());
        static_cast<void>(reference.release());
        const auto post = [raw = self.get()](Message message) { raw->Post(std::move(message)); };
        try {
            self->m_host.emplace(
                std::move(name), limits,
                win::ServiceHostEvents{
                    [post] { post(Started{}); },
                    [post](std::exception_ptr failure) { post(Ended{std::move(failure)}); },
                    [post](StopReason reason) { post(reason); }});
        } catch (...) {
            self->m_function.Release();
            throw;
        }
        return self->m_started.Promise();
    }

  private:
    struct Started {};
    struct Ended {
        std::exception_ptr failure;
    };
    using Message = std::variant<Started, Ended, StopReason>;

    void Post(Message message) noexcept try {
        auto owned = std::make_unique<Message>(std::move(message));
        if (m_function.NonBlockingCall(owned.get()) == napi_ok) {
            static_cast<void>(owned.release());
        }
    } catch (...) {
        // Out of memory: the ticker ends a service that does not get on.
    }

    static void OnMessage(Napi::Env env, Napi::Function onStop, HostedService* self,
                          Message* message) {
        const std::unique_ptr<Message> owned{message};
        // JavaScript has ended, and Node.js has finalized the function.
        if (static_cast<napi_env>(env) == nullptr || !self->m_host) {
            return;
        }
        if (const auto* reason = std::get_if<StopReason>(message)) {
            onStop.Call({Napi::String::New(env, kStopReasonNames[static_cast<size_t>(*reason)])});
        } else if (const auto* ended = std::get_if<Ended>(message)) {
            self->End(env, ended->failure);
        } else {
            self->m_hasStarted = true;
            self->m_started.Resolve(self->Handle(env));
        }
    }
    using ThreadSafeFunction = Napi::TypedThreadSafeFunction<HostedService, Message, &OnMessage>;

    void End(Napi::Env env, const std::exception_ptr& failure) {
        m_host.reset();
        // Only now: the dispatcher keeps the event loop alive until it has returned.
        m_function.Release();
        if (m_hasStarted || !failure) {
            m_ended.Settle(env, failure);
            return;
        }
        try {
            AtEdge(env, [&] { std::rethrow_exception(failure); });
        } catch (const Napi::Error& error) {
            m_started.Reject(error.Value());
        }
    }

    [[nodiscard]] Napi::Object Handle(Napi::Env env) {
        auto handle = Napi::Object::New(env);
        const std::shared_ptr<HostedService> self = m_self.lock();
        handle.Set("ready", Napi::Function::New(
                                env,
                                [self](const Napi::CallbackInfo&) {
                                    if (self->m_host) {
                                        self->m_host->Ready();
                                    }
                                },
                                "ready"));
        handle.Set("stopped", Napi::Function::New(
                                  env,
                                  [self](const Napi::CallbackInfo& call) -> Napi::Value {
                                      const uint32_t exitCode = ToUint32(call[0], "exitCode");
                                      if (self->m_host) {
                                          self->m_host->Stopped(exitCode);
                                      }
                                      return self->m_ended.Wait(call.Env());
                                  },
                                  "stopped"));
        return handle;
    }

    const Napi::Promise::Deferred m_started;
    Ending m_ended;
    ThreadSafeFunction m_function;
    std::weak_ptr<HostedService> m_self;
    bool m_hasStarted = false;
    std::optional<win::ServiceHost> m_host;
};

}  // namespace

Napi::Value RunService(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    const auto options = ToObject(info[0], "options");
    std::wstring name = ToString(options.Get("name"), "name");
    const PendingLimits limits{
        std::chrono::milliseconds{ToUint32(options.Get("startLimitMs"), "startLimitMs")},
        std::chrono::milliseconds{ToUint32(options.Get("stopLimitMs"), "stopLimitMs")}};
    if (!options.Get("onStop").IsFunction()) {
        throw Napi::TypeError::New(env, "onStop must be a function.");
    }
    return AtEdge(env, [&]() -> Napi::Value {
        return HostedService::Start(env, std::move(name), limits,
                                    options.Get("onStop").As<Napi::Function>());
    });
}

}  // namespace wsb::napi
