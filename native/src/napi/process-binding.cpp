#include "../win/process.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {
namespace {

/// Brings the exit of a process to JavaScript. Its members are the JavaScript thread's.
class ExitPromise final {
  public:
    explicit ExitPromise(Napi::Env env) : m_deferred(Napi::Promise::Deferred::New(env)) {}
    ExitPromise(const ExitPromise&) = delete;
    ExitPromise& operator=(const ExitPromise&) = delete;
    ~ExitPromise() = default;

    [[nodiscard]] static std::shared_ptr<ExitPromise> Settled(Napi::Env env) {
        auto settled = std::make_shared<ExitPromise>(env);
        settled->m_deferred.Resolve(env.Undefined());
        return settled;
    }

    [[nodiscard]] static std::shared_ptr<ExitPromise> Of(Napi::Env env, win::Process process) {
        auto self = std::make_shared<ExitPromise>(env);
        // The watch must not outlive the function that it calls: the finalizer lets go of both.
        auto reference = std::make_unique<std::shared_ptr<ExitPromise>>(self);
        self->m_function = ThreadSafeFunction::New(
            env, "wsb-addin process exit", 0, 1, self.get(),
            [](Napi::Env /*env*/, std::shared_ptr<ExitPromise>* owned, ExitPromise* finalized) {
                finalized->m_watch.reset();
                delete owned;
            },
            reference.get());
        static_cast<void>(reference.release());
        self->m_watching = true;
        try {
            self->m_watch.emplace(std::move(process),
                                  [function = self->m_function] { function.NonBlockingCall(); });
        } catch (...) {
            self->Close();
            throw;
        }
        return self;
    }

    [[nodiscard]] Napi::Promise Promise() const { return m_deferred.Promise(); }

    void Close() {
        if (std::exchange(m_watching, false)) {
            m_watch.reset();
            m_function.Release();
        }
    }

  private:
    static void OnExited(Napi::Env env, Napi::Function /*none*/, ExitPromise* self,
                         void* /*data*/) {
        // Without JavaScript nobody waits, and Node.js has finalized the function already.
        if (static_cast<napi_env>(env) == nullptr || !self->m_watching) {
            return;
        }
        self->m_deferred.Resolve(env.Undefined());
        self->Close();
    }
    using ThreadSafeFunction = Napi::TypedThreadSafeFunction<ExitPromise, void, &OnExited>;

    const Napi::Promise::Deferred m_deferred;
    bool m_watching = false;
    ThreadSafeFunction m_function;
    std::optional<win::ProcessExitWatch> m_watch;
};

std::optional<win::Process> OpenStartedAt(DWORD id, uint64_t startedAt) {
    auto process = win::Process::Open(id);
    return process && process->StartedAt() == startedAt ? std::move(process) : std::nullopt;
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
        return process ? ExitPromise::Of(env, *std::move(process)) : ExitPromise::Settled(env);
    });
    auto object = Napi::Object::New(env);
    object.Set("exited", waiting->Promise());
    object.Set("close",
               Napi::Function::New(
                   env, [waiting](const Napi::CallbackInfo&) { waiting->Close(); }, "close"));
    return object;
}

}  // namespace wsb::napi
