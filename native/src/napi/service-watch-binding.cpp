#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "../win/service-watch.hpp"
#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {
namespace {

/// A watch on the start of services, and the Promise of its beginning.
class WatchedServices final {
  public:
    WatchedServices(const WatchedServices&) = delete;
    WatchedServices& operator=(const WatchedServices&) = delete;
    ~WatchedServices() = default;

    static Napi::Promise Start(Napi::Env env, std::vector<std::wstring> names,
                               const Napi::Function& onStart) {
        std::shared_ptr<WatchedServices> self{new WatchedServices{env}};
        // The watch must not outlive the function that it calls. The finalizer, which also runs
        // when JavaScript ends, releases both.
        auto reference = std::make_unique<std::shared_ptr<WatchedServices>>(self);
        self->m_function = ThreadSafeFunction::New(
            env, onStart, "wsb-addin", 0, 1, self.get(),
            [](Napi::Env, std::shared_ptr<WatchedServices>* owned, WatchedServices* finalized) {
                finalized->m_watch.reset();
                delete owned;
            },
            reference.get());
        static_cast<void>(reference.release());
        self->m_self = self;
        try {
            self->m_watch.emplace(
                std::move(names),
                win::ServiceWatch::Events{
                    [raw = self.get()](std::exception_ptr failure) {
                        raw->Post(std::move(failure));
                    },
                    [raw = self.get()](std::wstring name) { raw->Post(std::move(name)); },
                });
        } catch (...) {
            self->m_function.Release();
            throw;
        }
        return self->m_deferred.Promise();
    }

  private:
    /// The end of the beginning, or the name of a service that has started.
    using Message = std::variant<std::exception_ptr, std::wstring>;

    explicit WatchedServices(Napi::Env env) : m_deferred(Napi::Promise::Deferred::New(env)) {}

    void Post(Message message) {
        auto owned = std::make_unique<Message>(std::move(message));
        if (m_function.NonBlockingCall(owned.get()) == napi_ok) {
            static_cast<void>(owned.release());
        }
    }

    static void OnMessage(Napi::Env env, Napi::Function onStart, WatchedServices* self,
                          Message* message) {
        const std::unique_ptr<Message> owned{message};
        // JavaScript has ended, and Node.js has finalized the function.
        if (static_cast<napi_env>(env) == nullptr || !self->m_watch) {
            return;
        }
        if (const auto* name = std::get_if<std::wstring>(message)) {
            onStart.Call({FromString(env, *name)});
        } else {
            self->SettleBeginning(env, std::get<std::exception_ptr>(*message));
        }
    }
    using ThreadSafeFunction = Napi::TypedThreadSafeFunction<WatchedServices, Message, &OnMessage>;

    void SettleBeginning(Napi::Env env, const std::exception_ptr& failure) {
        try {
            AtEdge(env, [&] {
                if (failure) {
                    std::rethrow_exception(failure);
                }
            });
        } catch (const Napi::Error& error) {
            m_deferred.Reject(error.Value());
            Close();
            return;
        }
        auto object = Napi::Object::New(env);
        object.Set(
            "close",
            Napi::Function::New(
                env, [watched = m_self.lock()](const Napi::CallbackInfo&) { watched->Close(); },
                "close"));
        // From now on, the watch alone does not keep the process alive.
        m_function.Unref(env);
        m_deferred.Resolve(object);
    }

    void Close() {
        if (m_watch) {
            m_watch.reset();
            m_function.Release();
        }
    }

    const Napi::Promise::Deferred m_deferred;
    ThreadSafeFunction m_function;
    std::weak_ptr<WatchedServices> m_self;
    std::optional<win::ServiceWatch> m_watch;
};

}  // namespace

Napi::Value WatchServices(const Napi::CallbackInfo& info) {
    Napi::Env env = info.Env();
    std::vector<std::wstring> names = ToStrings(info[0], "names");
    if (!info[1].IsFunction()) {
        throw Napi::TypeError::New(env, "onStart must be a function.");
    }
    return AtEdge(env, [&]() -> Napi::Value {
        return WatchedServices::Start(env, std::move(names), info[1].As<Napi::Function>());
    });
}

}  // namespace wsb::napi
