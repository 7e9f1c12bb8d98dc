#pragma once

#include <napi.h>

#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "convert.hpp"

namespace wsb::napi {

/// The end of something, which any number of Promises wait for. The JavaScript thread uses it.
class Ending final {
  public:
    /// Returns a Promise of the end, also after the end.
    [[nodiscard]] Napi::Promise Wait(Napi::Env env) {
        m_waiting.push_back(Napi::Promise::Deferred::New(env));
        // A deferred's promise is valid only within the call that made it.
        const Napi::Promise promise = m_waiting.back().Promise();
        if (m_failure) {
            SettleWaiting(env);
        }
        return promise;
    }

    /// Ends it, with a failure unless that is null.
    void Settle(Napi::Env env, std::exception_ptr failure) {
        m_failure = std::move(failure);
        SettleWaiting(env);
    }

  private:
    void SettleWaiting(Napi::Env env) {
        try {
            AtEdge(env, [this] {
                if (*m_failure) {
                    std::rethrow_exception(*m_failure);
                }
            });
            for (const auto& deferred : m_waiting) {
                deferred.Resolve(env.Undefined());
            }
        } catch (const Napi::Error& error) {
            for (const auto& deferred : m_waiting) {
                deferred.Reject(error.Value());
            }
        }
        m_waiting.clear();
    }

    std::vector<Napi::Promise::Deferred> m_waiting;
    std::optional<std::exception_ptr> m_failure;  // from the end on
};

}  // namespace wsb::napi
