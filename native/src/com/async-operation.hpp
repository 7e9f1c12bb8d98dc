#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "../core/call-sink.hpp"
#include "../win/process.hpp"
#include "server-lifetime.hpp"
#include "wsbapp.hpp"

namespace wsb::com {

/// The IWsbApplicationAsync of one consistency check. Never enters JavaScript to answer.
class AsyncOperation final : public IWsbApplicationAsync {
  public:
    /// @param client Whose exit ends the check: nobody would release it, or COM only minutes later.
    AsyncOperation(std::shared_ptr<OperationState> state, std::shared_ptr<CallSink> sink,
                   ServerUse use, std::optional<win::Process> client) noexcept;
    AsyncOperation(const AsyncOperation&) = delete;
    AsyncOperation& operator=(const AsyncOperation&) = delete;

    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override;
    STDMETHODIMP_(ULONG) AddRef() noexcept override;
    STDMETHODIMP_(ULONG) Release() noexcept override;
    STDMETHODIMP QueryStatus(HRESULT* phrResult) noexcept override;
    STDMETHODIMP Abort() noexcept override;

  private:
    /// The last release ends a check that still runs: nobody can ask for its result any more.
    ~AsyncOperation();

    std::atomic<ULONG> m_references{1};
    const std::shared_ptr<OperationState> m_state;
    const std::shared_ptr<CallSink> m_sink;
    const ServerUse m_use;
    std::optional<win::ProcessExitWatch> m_clientWatch;
};

}  // namespace wsb::com
