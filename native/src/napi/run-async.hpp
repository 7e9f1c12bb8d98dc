#pragma once

#include <napi.h>

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "convert.hpp"

namespace wsb::napi {

/// Runs `work` on a pool thread and settles a Promise with `convert(env, result)`; an exception of
/// `work` rejects it.
template <typename Work, typename Convert>
class AsyncTask final : public Napi::AsyncWorker {
  public:
    static Napi::Promise Start(Napi::Env env, Work work, Convert convert) {
        std::unique_ptr<AsyncTask> task{new AsyncTask{env, std::move(work), std::move(convert)}};
        task->Queue();
        // A queued task deletes itself after it has settled the Promise.
        return task.release()->m_deferred.Promise();
    }

  private:
    AsyncTask(Napi::Env env, Work work, Convert convert)
        : Napi::AsyncWorker(env, "wsb-addin"),
          m_deferred(Napi::Promise::Deferred::New(env)),
          m_work(std::move(work)),
          m_convert(std::move(convert)) {}

    void Execute() override {
        try {
            m_result.emplace(m_work());
        } catch (...) {
            m_failure = std::current_exception();
        }
    }

    void OnOK() override {
        try {
            m_deferred.Resolve(AtEdge(Env(), [this] {
                if (m_failure) {
                    std::rethrow_exception(m_failure);
                }
                return m_convert(Env(), *m_result);
            }));
        } catch (const Napi::Error& error) {
            m_deferred.Reject(error.Value());
        }
    }

    const Napi::Promise::Deferred m_deferred;
    Work m_work;
    Convert m_convert;
    std::optional<decltype(std::declval<Work&>()())> m_result;
    std::exception_ptr m_failure;
};

template <typename Work, typename Convert>
Napi::Promise RunAsync(Napi::Env env, Work work, Convert convert) {
    return AsyncTask<Work, Convert>::Start(env, std::move(work), std::move(convert));
}

}  // namespace wsb::napi
