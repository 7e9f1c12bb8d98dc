#pragma once

#include <atomic>
#include <memory>
#include <optional>

#include "../core/call-sink.hpp"
#include "../win/process.hpp"
#include "server-lifetime.hpp"
#include "wsbapp.hpp"

namespace wsb::com {

/// The IWsbApplicationAsync of a consistency check. Answers without entering JavaScript.
class AsyncOperation final : public IWsbApplicationAsync {
  public:
    /// @param client The client, whose exit ends the check. COM would release it minutes later or
    /// never.
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
    /// Ends a running check, because nobody can ask for its result after the last release.
    ~AsyncOperation();

    std::atomic<ULONG> m_references{1};
    const std::shared_ptr<OperationState> m_state;
    const std::shared_ptr<CallSink> m_sink;
    const ServerUse m_use;
    std::optional<win::ProcessExitWatch> m_clientWatch;
};

}  // namespace wsb::com
