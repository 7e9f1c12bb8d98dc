#pragma once

#include <napi.h>

#include <optional>
#include <utility>

#include "../win/hresult.hpp"
#include "convert.hpp"

namespace wsb::napi {

/// Runs `work` on a pool thread and settles a Promise with `convert(env, result)`; what `work`
/// throws rejects it.
template <typename Work, typename Convert>
class AsyncTask final : public Napi::AsyncWorker {
  public:
    static Napi::Promise Start(Napi::Env env, Work work, Convert convert) {
        // AsyncWorker deletes itself when it has settled the Promise.
        auto* task = new AsyncTask{env, std::move(work), std::move(convert)};
        task->Queue();
        return task->m_deferred.Promise();
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
        } catch (const win::HresultError& error) {
            m_failure = error;
        } catch (...) {
            m_failure = win::HresultError{win::CaughtHresult(), "wsb-addin"};
        }
    }

    void OnOK() override {
        if (m_result) {
            m_deferred.Resolve(m_convert(Env(), *m_result));
        } else {
            m_deferred.Reject(ToError(Env(), m_failure.code(), m_failure.api()).Value());
        }
    }

    const Napi::Promise::Deferred m_deferred;
    Work m_work;
    Convert m_convert;
    std::optional<decltype(std::declval<Work&>()())> m_result;
    win::HresultError m_failure{E_UNEXPECTED, "wsb-addin"};
};

template <typename Work, typename Convert>
Napi::Promise RunAsync(Napi::Env env, Work work, Convert convert) {
    return AsyncTask<Work, Convert>::Start(env, std::move(work), std::move(convert));
}

}  // namespace wsb::napi
