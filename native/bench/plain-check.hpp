#pragma once

#include <atomic>

#include "com/wsbapp.hpp"

namespace wsb::bench {

/// A consistency check that runs until it is aborted.
class PlainCheck final : public com::IWsbApplicationAsync {
  public:
    PlainCheck() noexcept;

    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override;
    STDMETHODIMP_(ULONG) AddRef() noexcept override;
    STDMETHODIMP_(ULONG) Release() noexcept override;
    STDMETHODIMP QueryStatus(HRESULT* phrResult) noexcept override;
    STDMETHODIMP Abort() noexcept override;

  private:
    ~PlainCheck();

    std::atomic<ULONG> m_references{1};
    std::atomic<HRESULT> m_status;
};

}  // namespace wsb::bench
