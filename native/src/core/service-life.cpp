#include "service-life.hpp"

namespace wsb {
namespace {

// winsvc.h; win/service-host.cpp checks these values against it.
constexpr uint32_t kControlStop = 1;
constexpr uint32_t kControlShutdown = 5;
constexpr uint32_t kControlPreshutdown = 15;
constexpr uint32_t kWineShutdown = 200;
constexpr uint32_t kWinePreshutdown = 201;
constexpr uint32_t kAcceptStop = 0x1;
constexpr uint32_t kAcceptShutdown = 0x4;
constexpr uint32_t kAcceptPreshutdown = 0x100;
constexpr uint32_t kServiceSpecificError = 1066;

// Long enough for a machine under load: Windows gives up on a service that makes no progress within
// its hint.
constexpr uint32_t kWaitHintMs = 10'000;

}  // namespace

std::optional<StopReason> StopReasonOf(uint32_t control, ServiceSystem system) noexcept {
    switch (control) {
        case kControlStop:
            return StopReason::kStop;
        case kControlShutdown:
            return StopReason::kShutdown;
        case kControlPreshutdown:
            return StopReason::kPreshutdown;
        default:
            break;
    }
    if (system == ServiceSystem::kWine && control == kWineShutdown) {
        return StopReason::kShutdown;
    }
    if (system == ServiceSystem::kWine && control == kWinePreshutdown) {
        return StopReason::kPreshutdown;
    }
    return std::nullopt;
}

ServiceLife::ServiceLife(PendingLimits limits, Time now) noexcept : m_limits(limits) {
    Enter(kServiceStartPending, limits.start, now);
}

bool ServiceLife::IsPending() const noexcept {
    return m_report.state == kServiceStartPending || m_report.state == kServiceStopPending;
}

bool ServiceLife::Ready() noexcept {
    if (m_report.state != kServiceStartPending) {
        return false;
    }
    m_report = {};
    m_report.state = kServiceRunning;
    m_report.acceptedControls = kAcceptStop | kAcceptShutdown | kAcceptPreshutdown;
    return true;
}

bool ServiceLife::RequestStop(Time now) noexcept {
    if (m_report.state == kServiceStopPending || m_report.state == kServiceStopped) {
        return false;
    }
    Enter(kServiceStopPending, m_limits.stop, now);
    return true;
}

bool ServiceLife::Stop(uint32_t exitCode) noexcept {
    if (m_report.state == kServiceStopped) {
        return false;
    }
    m_report = {};
    m_report.state = kServiceStopped;
    m_report.exitCode = exitCode == 0 ? 0 : kServiceSpecificError;
    m_report.specificExitCode = exitCode;
    return true;
}

bool ServiceLife::Tick(Time now) noexcept {
    if (!IsPending()) {
        return true;
    }
    if (now >= m_deadline) {
        Stop(kServiceHung);
        return false;
    }
    ++m_report.checkpoint;
    return true;
}

void ServiceLife::Enter(uint32_t state, std::chrono::milliseconds limit, Time now) noexcept {
    m_report = {};
    m_report.state = state;
    m_report.checkpoint = 1;
    m_report.waitHintMs = kWaitHintMs;
    m_deadline = now + limit;
}

}  // namespace wsb
