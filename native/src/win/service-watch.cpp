#include "service-watch.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "../core/service-rules.hpp"
#include "background.hpp"
#include "hresult.hpp"
#include "notified-service.hpp"
#include "wine.hpp"

namespace wsb::win {
namespace {

using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

// The longest time until a start is seen of which no notification came.
constexpr DWORD kLookIntervalMs = 1000;

/// One service of a watch, on the watch's thread.
class Watched {
  public:
    explicit Watched(std::wstring name) : m_name(std::move(name)) {}

    [[nodiscard]] const std::wstring& Name() const noexcept { return m_name; }

    /// Tells whether a notification has come that no look has taken.
    [[nodiscard]] bool IsTold() const noexcept { return m_service && m_service->IsTold(); }

    /// Begins to watch; nothing happens when the service does not exist.
    void Begin() {
        if (!Open()) {
            return;
        }
        const SERVICE_STATUS_PROCESS status = ReadStatus(m_service->get());
        m_runs.emplace(status.dwCurrentState, status.dwProcessId);
        const DWORD error = Arm();
        if (error == ERROR_SERVICE_MARKED_FOR_DELETE) {
            m_service.reset();
        } else if (error != ERROR_SUCCESS) {
            throw HresultError{HRESULT_FROM_WIN32(error), "NotifyServiceStatusChangeW"};
        }
    }

    /// Looks at the service; `true` when it has started since the last look.
    bool Look() {
        if (!m_service) {
            return false;
        }
        bool hasStarted = false;
        const auto told = m_service->Take();
        if (told && told->dwNotificationStatus == ERROR_SUCCESS) {
            hasStarted = Observe(told->ServiceStatus);
        }
        // Wine 8 tells nobody of a deletion, and deletes a service only when nobody has it open.
        if (IsDeletion(told) || (!told && IsWine() && !Open())) {
            m_service.reset();
            return hasStarted;
        }
        // The service may have gone on since the notification.
        hasStarted = Observe(ReadStatus(m_service->get())) || hasStarted;
        const DWORD error = Arm();
        if (error == kClientLagging && Open()) {
            static_cast<void>(Arm());
        } else if (error == ERROR_SERVICE_MARKED_FOR_DELETE) {
            m_service.reset();
        }
        return hasStarted;
    }

  private:
    bool Open() {
        m_service.reset();
        const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT);
        UniqueScHandle service = OpenExistingService(manager.get(), m_name, SERVICE_QUERY_STATUS);
        if (!service) {
            return false;
        }
        m_service.emplace(std::move(service));
        return true;
    }

    bool Observe(const SERVICE_STATUS_PROCESS& status) {
        return m_runs->Observe(status.dwCurrentState, status.dwProcessId);
    }

    [[nodiscard]] DWORD Arm() {
        return m_service->Arm(SERVICE_NOTIFY_DELETE_PENDING |
                              (m_runs->IsStopped()
                                   ? SERVICE_NOTIFY_START_PENDING | SERVICE_NOTIFY_RUNNING
                                   : SERVICE_NOTIFY_STOPPED));
    }

    [[nodiscard]] static bool IsDeletion(const std::optional<SERVICE_NOTIFYW>& told) {
        return told && (told->dwNotificationStatus == ERROR_SERVICE_MARKED_FOR_DELETE ||
                        (told->dwNotificationStatus == ERROR_SUCCESS &&
                         (told->dwNotificationTriggered & SERVICE_NOTIFY_DELETE_PENDING) != 0));
    }

    const std::wstring m_name;
    std::optional<NotifiedService> m_service;  // empty when it does not exist
    std::optional<RunTracker> m_runs;
};

}  // namespace

struct ServiceWatch::Shared {
    Shared(std::vector<std::wstring> serviceNames, Events events)
        : names(std::move(serviceNames)),
          onReady(std::move(events.onReady)),
          onStart(std::move(events.onStart)),
          closed(::CreateEventW(nullptr, TRUE, FALSE, nullptr)) {
        if (!closed) {
            ThrowLastError("CreateEventW");
        }
    }

    void Run() noexcept {
        std::vector<std::unique_ptr<Watched>> services;
        try {
            for (const std::wstring& name : names) {
                services.push_back(std::make_unique<Watched>(name));
                services.back()->Begin();
            }
        } catch (...) {
            onReady.Call(std::current_exception());
            return;
        }
        onReady.Call(nullptr);
        while (::WaitForSingleObjectEx(closed.get(), UntilNextLook(services), TRUE) !=
               WAIT_OBJECT_0) {
            for (const auto& service : services) {
                LookAt(*service);
            }
        }
    }

    /// A look may itself have waited, and so taken another service's notification.
    [[nodiscard]] static DWORD UntilNextLook(
        const std::vector<std::unique_ptr<Watched>>& services) noexcept {
        const bool isTold =
            std::ranges::any_of(services, [](const auto& one) { return one->IsTold(); });
        return isTold ? 0 : kLookIntervalMs;
    }

    void LookAt(Watched& service) noexcept {
        try {
            if (service.Look()) {
                onStart.Call(service.Name());
            }
        } catch (...) {
            // The service control manager does not answer now. The next look tries again.
            return;
        }
    }

    const std::vector<std::wstring> names;
    Severable<std::exception_ptr> onReady;
    Severable<std::wstring> onStart;
    const UniqueHandle closed;
};

ServiceWatch::ServiceWatch(std::vector<std::wstring> names, Events events)
    : m_shared(std::make_shared<Shared>(std::move(names), std::move(events))) {
    RunInBackground([shared = m_shared] { shared->Run(); });
}

ServiceWatch::~ServiceWatch() {
    m_shared->onReady.Sever();
    m_shared->onStart.Sever();
    ::SetEvent(m_shared->closed.get());
}

}  // namespace wsb::win
