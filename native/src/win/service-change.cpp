#include "service-change.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "background.hpp"
#include "hresult.hpp"
#include "notified-service.hpp"

namespace wsb::win {
namespace {

using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;
using Clock = std::chrono::steady_clock;

// The longest time until a change is seen of which no notification came.
constexpr std::chrono::milliseconds kLookInterval{1000};
// The same where Windows refuses notifications.
constexpr std::chrono::milliseconds kUntoldLookInterval{50};

DWORD AccessFor(WantedState wanted) {
    return SERVICE_QUERY_STATUS | (wanted == WantedState::kStopped ? SERVICE_STOP : SERVICE_START);
}

/// Returns the states to be told of, without the one that the service is in.
DWORD MaskFor(WantedState wanted, DWORD state) {
    if (wanted == WantedState::kStopped) {
        // A service that is starting takes the request once it runs.
        return SERVICE_NOTIFY_STOPPED |
               (state == SERVICE_START_PENDING ? SERVICE_NOTIFY_RUNNING : 0);
    }
    return SERVICE_NOTIFY_RUNNING |
           (state == SERVICE_STOPPED ? SERVICE_NOTIFY_START_PENDING : SERVICE_NOTIFY_STOPPED);
}

/// Sends the request. A service that is in the wanted state by now counts as asked.
void Request(WantedState wanted, SC_HANDLE service) {
    const bool isStop = wanted == WantedState::kStopped;
    SERVICE_STATUS status{};
    const BOOL taken = isStop ? ::ControlService(service, SERVICE_CONTROL_STOP, &status)
                              : ::StartServiceW(service, 0, nullptr);
    if (taken != FALSE) {
        return;
    }
    const DWORD error = ::GetLastError();
    if (error != (isStop ? ERROR_SERVICE_NOT_ACTIVE : ERROR_SERVICE_ALREADY_RUNNING)) {
        throw HresultError{HRESULT_FROM_WIN32(error), isStop ? "ControlService" : "StartServiceW"};
    }
}

std::optional<ChangeOutcome> OutcomeOf(ChangeStep step) {
    switch (step) {
        case ChangeStep::kDone:
            return ChangeOutcome::kReached;
        case ChangeStep::kLost:
            return ChangeOutcome::kLost;
        default:
            return std::nullopt;
    }
}

/// One change, on its thread.
class Changing {
  public:
    Changing(const ServiceChangeOptions& options, HANDLE cancelled)
        : m_options(options),
          m_cancelled(cancelled),
          m_deadline(Clock::now() + std::chrono::milliseconds{options.timeoutMs}) {
        Open();
    }

    ServiceChangeEnd Run() {
        DWORD waited = ::WaitForSingleObject(m_cancelled, 0);
        for (;;) {
            if (waited == WAIT_OBJECT_0) {
                return EndWith(ChangeOutcome::kCancelled);
            }
            Look();
            const ChangeStep step =
                NextStep(m_options.wanted, m_status.dwCurrentState, m_isRequested);
            if (const auto outcome = OutcomeOf(step)) {
                return EndWith(*outcome);
            }
            ArmFor(m_status.dwCurrentState);
            if (step == ChangeStep::kRequest) {
                Request(m_options.wanted, m_service->get());
                m_isRequested = true;
            } else if (Clock::now() >= m_deadline) {
                return EndWith(ChangeOutcome::kTimedOut);
            } else {
                const auto wait = UntilNextLook(m_deadline - Clock::now(), m_lookInterval);
                waited =
                    ::WaitForSingleObjectEx(m_cancelled, static_cast<DWORD>(wait.count()), TRUE);
            }
        }
    }

  private:
    void Open() {
        m_service.emplace(OpenRequiredService(m_options.name, AccessFor(m_options.wanted)));
    }

    void Look() {
        // Only the look counts: the state may have changed again since the notification.
        static_cast<void>(m_service->Take());
        m_status = ReadStatus(m_service->get());
    }

    /// Asks for a notification; without one, the looks alone see the change.
    void ArmFor(DWORD state) {
        const DWORD mask = MaskFor(m_options.wanted, state);
        DWORD error = m_service->Arm(mask);
        if (error == kClientLagging) {
            Open();
            error = m_service->Arm(mask);
        }
        m_lookInterval = error == ERROR_SUCCESS ? kLookInterval : kUntoldLookInterval;
    }

    [[nodiscard]] ServiceChangeEnd EndWith(ChangeOutcome outcome) const {
        return {outcome, m_status.dwCurrentState, m_status.dwWin32ExitCode};
    }

    const ServiceChangeOptions& m_options;
    const HANDLE m_cancelled;
    const Clock::time_point m_deadline;
    std::optional<NotifiedService> m_service;
    SERVICE_STATUS_PROCESS m_status{};
    bool m_isRequested = false;
    std::chrono::milliseconds m_lookInterval = kLookInterval;
};

}  // namespace

struct ServiceChange::Shared {
    Shared(ServiceChangeOptions changeOptions, std::function<void(ServiceChangeResult)> function)
        : options(std::move(changeOptions)),
          onEnd(std::move(function)),
          cancelled(::CreateEventW(nullptr, TRUE, FALSE, nullptr)) {
        if (!cancelled) {
            ThrowLastError("CreateEventW");
        }
    }

    void Run() noexcept {
        // Lives until the end is told, because closing the handle may take some milliseconds.
        std::optional<Changing> changing;
        try {
            changing.emplace(options, cancelled.get());
            onEnd.Call(changing->Run());
        } catch (...) {
            onEnd.Call(std::current_exception());
        }
    }

    const ServiceChangeOptions options;
    Severable<ServiceChangeResult> onEnd;
    const UniqueHandle cancelled;
};

ServiceChange::ServiceChange(const ServiceChangeOptions& options,
                             std::function<void(ServiceChangeResult)> onEnd)
    : m_shared(std::make_shared<Shared>(options, std::move(onEnd))) {
    RunInBackground([shared = m_shared] { shared->Run(); });
}

ServiceChange::~ServiceChange() {
    m_shared->onEnd.Sever();
    ::SetEvent(m_shared->cancelled.get());
}

}  // namespace wsb::win
