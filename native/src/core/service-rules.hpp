#pragma once

#include <chrono>
#include <cstdint>

namespace wsb {

// The states of a service, SERVICE_STATUS_PROCESS.dwCurrentState of winsvc.h.
inline constexpr uint32_t kServiceStopped = 1;
inline constexpr uint32_t kServiceStartPending = 2;
inline constexpr uint32_t kServiceStopPending = 3;
inline constexpr uint32_t kServiceRunning = 4;

/// The state that a change of a service leads to.
enum class WantedState { kStopped, kRunning };

/// What a change of a service does next.
enum class ChangeStep {
    /// The service is in the wanted state.
    kDone,
    /// The service takes the request now.
    kRequest,
    /// The service is on its way.
    kWait,
    /// The service was asked to start and has ended.
    kLost,
};

/// Returns the next step of a change for a service that is in `state`.
/// @param isRequested `true` after the service control manager has taken this change's request.
[[nodiscard]] ChangeStep NextStep(WantedState wanted, uint32_t state, bool isRequested) noexcept;

/// Returns the time to wait before the next look at a service: `interval`, but not beyond the time
/// that is left, which is rounded up so that the last look does not come before the deadline.
[[nodiscard]] std::chrono::milliseconds UntilNextLook(std::chrono::nanoseconds left,
                                                      std::chrono::milliseconds interval) noexcept;

/// Tells the runs of a service apart from what is seen of it now and then.
class RunTracker {
  public:
    RunTracker(uint32_t state, uint32_t processId) noexcept { Observe(state, processId); }

    /// Takes a look at the service; `true` when it has started since the look before.
    bool Observe(uint32_t state, uint32_t processId) noexcept;

    [[nodiscard]] bool IsStopped() const noexcept { return m_isStopped; }

  private:
    bool m_isStopped = true;
    uint32_t m_processId = 0;  // 0 while unknown
};

}  // namespace wsb
