#include "service-host.hpp"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "background.hpp"
#include "hresult.hpp"
#include "stay-loaded.hpp"
#include "wine.hpp"

namespace wsb::win {
namespace {

using Clock = std::chrono::steady_clock;

// core/service-life.cpp repeats these numbers.
static_assert(SERVICE_STOPPED == kServiceStopped && SERVICE_RUNNING == kServiceRunning &&
              SERVICE_START_PENDING == kServiceStartPending &&
              SERVICE_STOP_PENDING == kServiceStopPending);
static_assert(SERVICE_CONTROL_STOP == 1 && SERVICE_CONTROL_SHUTDOWN == 5 &&
              SERVICE_CONTROL_PRESHUTDOWN == 15);
static_assert(SERVICE_ACCEPT_STOP == 0x1 && SERVICE_ACCEPT_SHUTDOWN == 0x4 &&
              SERVICE_ACCEPT_PRESHUTDOWN == 0x100);
static_assert(ERROR_SERVICE_SPECIFIC_ERROR == 1066 && kServiceHung == ERROR_TIMEOUT);

/// The service of this process. ServiceMain has no parameter for it.
std::atomic<ServiceHost::Core*>& ThisService() {
    static std::atomic<ServiceHost::Core*> service = nullptr;
    return service;
}

SERVICE_STATUS ToStatus(const ServiceReport& report) {
    SERVICE_STATUS status{};
    status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
    status.dwCurrentState = report.state;
    status.dwControlsAccepted = report.acceptedControls;
    status.dwWin32ExitCode = report.exitCode;
    status.dwServiceSpecificExitCode = report.specificExitCode;
    status.dwCheckPoint = report.checkpoint;
    status.dwWaitHint = report.waitHintMs;
    return status;
}

}  // namespace

/// The part of a host that its threads share; each of them keeps it.
class ServiceHost::Core : public std::enable_shared_from_this<Core> {
  public:
    Core(std::wstring name, PendingLimits limits, ServiceHostEvents events)
        : m_name(std::move(name)),
          m_limits(limits),
          m_onStarted(std::move(events.onStarted)),
          m_onEnded(std::move(events.onEnded)),
          m_onStop(std::move(events.onStop)) {}

    static void Run(const std::shared_ptr<Core>& core) {
        StayLoaded();
        Core* none = nullptr;
        if (!ThisService().compare_exchange_strong(none, core.get())) {
            throw HresultError{HRESULT_FROM_WIN32(ERROR_SERVICE_ALREADY_RUNNING),
                               "StartServiceCtrlDispatcherW"};
        }
        std::thread{[core] { core->Dispatch(); }}.detach();
    }

    void Ready() {
        const std::scoped_lock lock{m_mutex};
        if (m_life && m_life->Ready()) {
            ReportLocked();
        }
    }

    void Stopped(uint32_t exitCode) {
        {
            const std::scoped_lock lock{m_mutex};
            if (m_life && m_life->Stop(exitCode)) {
                ReportLocked();
            }
        }
        m_changed.notify_all();
    }

    void Sever() {
        m_onStarted.Sever();
        m_onStop.Sever();
        m_onEnded.Sever();
    }

  private:
    /// The dispatcher's thread: returns when the service has stopped.
    void Dispatch() noexcept {
        const SERVICE_TABLE_ENTRYW table[] = {{m_name.data(), &OnStart}, {nullptr, nullptr}};
        std::exception_ptr failure;
        try {
            if (::StartServiceCtrlDispatcherW(table) == FALSE) {
                ThrowLastError("StartServiceCtrlDispatcherW");
            }
        } catch (...) {
            failure = std::current_exception();
        }
        m_onEnded.Call(std::move(failure));
    }

    static void WINAPI OnStart(DWORD /*count*/, LPWSTR* /*arguments*/) {
        ThisService().load()->Start();
    }

    void Start() noexcept try {
        const std::shared_ptr<Core> self = shared_from_this();
        {
            const std::scoped_lock lock{m_mutex};
            m_status = ::RegisterServiceCtrlHandlerExW(m_name.c_str(), &OnControl, this);
            m_life.emplace(m_limits, Clock::now());
            ReportLocked();
        }
        try {
            std::thread{[self] { self->Tick(); }}.detach();
        } catch (...) {
            // Without it, Windows gives up on a start that takes longer than the wait hint.
        }
        m_onStarted.Call();
    } catch (...) {
        m_onEnded.Call(std::current_exception());
    }

    static DWORD WINAPI OnControl(DWORD control, DWORD /*type*/, void* /*data*/, void* self) {
        return static_cast<Core*>(self)->Control(control);
    }

    DWORD Control(DWORD control) noexcept {
        if (control == SERVICE_CONTROL_INTERROGATE) {
            return NO_ERROR;
        }
        const auto reason =
            StopReasonOf(control, IsWine() ? ServiceSystem::kWine : ServiceSystem::kWindows);
        if (!reason) {
            return ERROR_CALL_NOT_IMPLEMENTED;
        }
        {
            const std::scoped_lock lock{m_mutex};
            if (!m_life->RequestStop(Clock::now())) {
                return NO_ERROR;
            }
            ReportLocked();
        }
        m_changed.notify_all();
        m_onStop.Call(*reason);
        return NO_ERROR;
    }

    /// The ticker's thread: ends with the service.
    void Tick() noexcept {
        std::unique_lock lock{m_mutex};
        while (m_life->Report().state != kServiceStopped) {
            if (!m_life->IsPending()) {
                m_changed.wait(lock);
                continue;
            }
            if (m_changed.wait_for(lock, kTick) == std::cv_status::no_timeout) {
                continue;
            }
            const bool hangs = !m_life->Tick(Clock::now());
            ReportLocked();
            if (hangs) {
                // JavaScript does not run, and nothing of it can be relied on.
                ::TerminateProcess(::GetCurrentProcess(), kServiceHung);
            }
        }
    }

    void ReportLocked() noexcept {
        SERVICE_STATUS status = ToStatus(m_life->Report());
        // A service manager that refuses the report learns of the end from the process's.
        ::SetServiceStatus(m_status, &status);
    }

    std::wstring m_name;  // Windows' table takes it as non-const
    const PendingLimits m_limits;
    Severable<> m_onStarted;
    Severable<std::exception_ptr> m_onEnded;
    Severable<StopReason> m_onStop;

    std::mutex m_mutex;  // guards the members below
    std::condition_variable m_changed;
    SERVICE_STATUS_HANDLE m_status = nullptr;
    std::optional<ServiceLife> m_life;  // from the start on
};

ServiceHost::ServiceHost(std::wstring name, PendingLimits limits, ServiceHostEvents events)
    : m_core(std::make_shared<Core>(std::move(name), limits, std::move(events))) {
    Core::Run(m_core);
}

ServiceHost::~ServiceHost() { m_core->Sever(); }

void ServiceHost::Ready() { m_core->Ready(); }

void ServiceHost::Stopped(uint32_t exitCode) { m_core->Stopped(exitCode); }

}  // namespace wsb::win
