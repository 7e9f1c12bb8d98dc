#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "service-rules.hpp"

namespace wsb {

/// The reason for which Windows ends a service, in the order of `kStopReasonNames`.
enum class StopReason { kStop, kShutdown, kPreshutdown };

inline constexpr const char* kStopReasonNames[] = {"stop", "shutdown", "preshutdown"};

/// The system that a service runs on.
enum class ServiceSystem { kWindows, kWine };

/// Returns the reason behind a control; nothing for a control that does not end the service. Wine
/// delivers neither shutdown nor preshutdown, so that there user-defined controls, 200 and 201,
/// stand for them.
[[nodiscard]] std::optional<StopReason> StopReasonOf(uint32_t control,
                                                     ServiceSystem system) noexcept;

/// The exit code of a service and its process that were ended because JavaScript hung
/// (ERROR_TIMEOUT).
inline constexpr uint32_t kServiceHung = 1460;

/// What the service control manager is told, SERVICE_STATUS of winsvc.h.
struct ServiceReport {
    uint32_t state = 0;
    uint32_t acceptedControls = 0;
    uint32_t exitCode = 0;
    uint32_t specificExitCode = 0;
    uint32_t checkpoint = 0;
    uint32_t waitHintMs = 0;
};

struct PendingLimits {
    std::chrono::milliseconds start;
    std::chrono::milliseconds stop;
};

/// The interval of the reports of a service that is starting or stopping.
inline constexpr std::chrono::milliseconds kTick{500};

/// The life of a service, from START_PENDING to STOPPED. It has no lock.
class ServiceLife {
  public:
    using Time = std::chrono::steady_clock::time_point;

    ServiceLife(PendingLimits limits, Time now) noexcept;

    [[nodiscard]] const ServiceReport& Report() const noexcept { return m_report; }
    [[nodiscard]] bool IsPending() const noexcept;

    /// Goes from START_PENDING to RUNNING; false in another state.
    bool Ready() noexcept;

    /// Goes to STOP_PENDING; false when that was asked before, or the service has stopped.
    bool RequestStop(Time now) noexcept;

    /// Goes to STOPPED; false when it is there already.
    /// @param exitCode 0, or the service-specific exit code.
    bool Stop(uint32_t exitCode) noexcept;

    /// Makes progress in a pending state. False when the state's limit has passed: the service
    /// hangs, and is STOPPED with `kServiceHung`.
    bool Tick(Time now) noexcept;

  private:
    void Enter(uint32_t state, std::chrono::milliseconds limit, Time now) noexcept;

    const PendingLimits m_limits;
    ServiceReport m_report;
    Time m_deadline;
};

}  // namespace wsb
