#include "service-rules.hpp"

#include <algorithm>

namespace wsb {
namespace {

ChangeStep NextStopStep(uint32_t state, bool isRequested) noexcept {
    switch (state) {
        case kServiceStopped:
            return ChangeStep::kDone;
        case kServiceStartPending:  // takes no stop request yet
        case kServiceStopPending:
            return ChangeStep::kWait;
        default:
            // The service may report STOP_PENDING some time after the request.
            return isRequested ? ChangeStep::kWait : ChangeStep::kRequest;
    }
}

ChangeStep NextStartStep(uint32_t state, bool isRequested) noexcept {
    switch (state) {
        case kServiceRunning:
            return ChangeStep::kDone;
        case kServiceStopped:
            return isRequested ? ChangeStep::kLost : ChangeStep::kRequest;
        default:
            return ChangeStep::kWait;
    }
}

}  // namespace

ChangeStep NextStep(WantedState wanted, uint32_t state, bool isRequested) noexcept {
    return wanted == WantedState::kStopped ? NextStopStep(state, isRequested)
                                           : NextStartStep(state, isRequested);
}

std::chrono::milliseconds UntilNextLook(std::chrono::nanoseconds left,
                                        std::chrono::milliseconds interval) noexcept {
    return std::clamp(std::chrono::ceil<std::chrono::milliseconds>(left),
                      std::chrono::milliseconds::zero(), interval);
}

bool RunTracker::Observe(uint32_t state, uint32_t processId) noexcept {
    if (state == kServiceStopped) {
        m_isStopped = true;
        m_processId = 0;
        return false;
    }
    // Another process means that the service was stopped between two looks.
    const bool isOther = processId != 0 && m_processId != 0 && processId != m_processId;
    const bool hasStarted = m_isStopped || isOther;
    m_isStopped = false;
    if (processId != 0) {
        m_processId = processId;
    }
    return hasStarted;
}

}  // namespace wsb
