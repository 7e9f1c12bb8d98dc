#pragma once

#include <atomic>
#include <cstdint>

#include "hresult.hpp"

namespace wsb {

/// The state of a consistency check, shared by its COM object and the JavaScript side.
class OperationState {
  public:
    explicit OperationState(uint32_t id) noexcept : m_id(id) {}

    [[nodiscard]] uint32_t Id() const noexcept { return m_id; }
    [[nodiscard]] Hresult Status() const noexcept { return m_status.load(); }

    /// Ends the check. Only the first end counts; false for a later one.
    bool Finish(Hresult status) noexcept {
        Hresult expected = kAsyncInProgress;
        return m_status.compare_exchange_strong(expected, status);
    }

  private:
    const uint32_t m_id;
    std::atomic<Hresult> m_status{kAsyncInProgress};
};

}  // namespace wsb
