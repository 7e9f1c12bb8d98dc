#pragma once

#include <napi.h>

#include <memory>
#include <optional>
#include <utility>

#include "convert.hpp"

namespace wsb::napi {

/// A Promise that a resource (a watch or a process) settles once from its own thread with the
/// result of `Convert`; an exception of `Convert` rejects it.
///
/// `Resource` is constructed from its options and the function that settles the Promise. Its
/// destructor waits until it can no longer call the function.
template <typename Resource, typename Value, auto Convert>
class ResourcePromise final {
  public:
    explicit ResourcePromise(Napi::Env env) : m_deferred(Napi::Promise::Deferred::New(env)) {}
    ResourcePromise(const ResourcePromise&) = delete;
    ResourcePromise& operator=(const ResourcePromise&) = delete;
    ~ResourcePromise() = default;

    /// Creates the Promise. It keeps the event loop alive until it has settled or was closed.
    template <typename Options>
    [[nodiscard]] static std::shared_ptr<ResourcePromise> Create(Napi::Env env, Options&& options) {
        auto self = std::make_shared<ResourcePromise>(env);
        // The resource must not outlive the function that it calls. The finalizer, which also runs
        // when JavaScript ends, releases both.
        auto reference = std::make_unique<std::shared_ptr<ResourcePromise>>(self);
        self->m_function = ThreadSafeFunction::New(
            env, "wsb-addin", 0, 1, self.get(),
            [](Napi::Env, std::shared_ptr<ResourcePromise>* owned, ResourcePromise* finalized) {
                finalized->m_resource.reset();
                delete owned;
            },
            reference.get());
        static_cast<void>(reference.release());
        try {
            self->m_resource.emplace(
                std::forward<Options>(options), [raw = self.get()](auto&&... value) {
                    raw->m_value.emplace(std::forward<decltype(value)>(value)...);
                    raw->m_function.NonBlockingCall();
                });
        } catch (...) {
            self->m_function.Release();
            throw;
        }
        return self;
    }

    [[nodiscard]] static std::shared_ptr<ResourcePromise> Settled(Napi::Env env, Value value) {
        auto self = std::make_shared<ResourcePromise>(env);
        self->m_deferred.Resolve(Convert(env, value));
        return self;
    }

    // For the JavaScript thread:

    [[nodiscard]] Napi::Promise Promise() const { return m_deferred.Promise(); }

    /// Returns the resource; empty after the Promise has settled.
    [[nodiscard]] std::optional<Resource>& Held() noexcept { return m_resource; }

    /// Settles the Promise without waiting for the resource, and releases the resource. Does
    /// nothing after the Promise has settled.
    void Settle(Napi::Env env, const Value& value) {
        if (!m_resource) {
            return;
        }
        try {
            m_deferred.Resolve(AtEdge(env, [&]() -> Napi::Value { return Convert(env, value); }));
        } catch (const Napi::Error& error) {
            m_deferred.Reject(error.Value());
        }
        Close();
    }

    /// Releases the resource; the Promise does not settle after it. Idempotent.
    void Close() {
        if (m_resource) {
            m_resource.reset();
            m_function.Release();
        }
    }

  private:
    static void OnSettled(Napi::Env env, Napi::Function /*none*/, ResourcePromise* self,
                          void* /*data*/) {
        // JavaScript has ended, and Node.js has finalized the function.
        if (static_cast<napi_env>(env) != nullptr && self->m_resource) {
            self->Settle(env, *self->m_value);
        }
    }
    using ThreadSafeFunction = Napi::TypedThreadSafeFunction<ResourcePromise, void, &OnSettled>;

    const Napi::Promise::Deferred m_deferred;
    ThreadSafeFunction m_function;
    std::optional<Value> m_value;  // the resource's thread writes it before it calls
    std::optional<Resource> m_resource;
};

}  // namespace wsb::napi
