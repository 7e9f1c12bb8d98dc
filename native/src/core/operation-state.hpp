#pragma once

#include <atomic>
#include <cstdint>

#include "hresult.hpp"

namespace wsb {

/// Progress of one consistency check, shared by its COM object and the side that runs it.
class OperationState {
  public:
    explicit OperationState(uint32_t id) noexcept : m_id(id) {}

    [[nodiscard]] uint32_t Id() const noexcept { return m_id; }
    [[nodiscard]] Hresult Status() const noexcept { return m_status.load(); }

    /// Only the first end counts; false when there was one already.
    bool Finish(Hresult status) noexcept {
        Hresult expected = kAsyncInProgress;
        return m_status.compare_exchange_strong(expected, status);
    }

  private:
    const uint32_t m_id;
    std::atomic<Hresult> m_status{kAsyncInProgress};
};

}  // namespace wsb
