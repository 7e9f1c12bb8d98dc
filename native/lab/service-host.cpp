#include "service-host.hpp"

#include <windows.h>
#include <winsvc.h>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <optional>
#include <system_error>

#include "process-arguments.hpp"
#include "service-options.hpp"
#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace wsb::lab {
namespace {

using UniqueHandle = win::UniqueAny<HANDLE, ::CloseHandle>;

// The time without a new status after which the service control manager may assume a hang.
constexpr DWORD kWaitHintMs = 3000;
constexpr DWORD kCheckpointMs = 200;
// The exit code for --fail-start: any number that is not a Win32 error.
constexpr DWORD kFailStartCode = 42;

// Returns an empty handle, with the reason in GetLastError(), when exclusive access is impossible.
UniqueHandle OpenExclusively(const std::filesystem::path& path) {
    const HANDLE file = ::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr,
                                      OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, nullptr);
    return file == INVALID_HANDLE_VALUE ? UniqueHandle{} : UniqueHandle{file};
}

/// A run of the service, from START_PENDING to STOPPED.
class ServiceRun {
  public:
    explicit ServiceRun(Options options) : m_options(std::move(options)) {}

    void Execute() {
        m_handle = ::RegisterServiceCtrlHandlerExW(m_options.name.c_str(), &HandleControl, this);
        m_stopRequested = UniqueHandle{::CreateEventW(nullptr, TRUE, FALSE, nullptr)};
        if (m_handle == nullptr || !m_stopRequested) {
            return;
        }
        LingerIn(SERVICE_START_PENDING, m_options.behaviour.startDelayMs);
        if (m_options.behaviour.failStart) {
            ReportStopped(ERROR_SERVICE_SPECIFIC_ERROR, kFailStartCode);
            return;
        }
        if (const DWORD error = OpenDataFile(); error != ERROR_SUCCESS) {
            ReportStopped(error, 0);
            return;
        }
        Report(SERVICE_RUNNING, 0);
        ::WaitForSingleObject(m_stopRequested.get(), INFINITE);
        LingerIn(SERVICE_STOP_PENDING, m_options.behaviour.stopDelayMs);
        // Closed before STOPPED is reported, because others may then open the file.
        m_dataFile.reset();
        ReportStopped(NO_ERROR, 0);
    }

  private:
    static DWORD WINAPI HandleControl(DWORD control, DWORD, void*, void* context) {
        auto& run = *static_cast<ServiceRun*>(context);
        switch (control) {
            case SERVICE_CONTROL_STOP:
                run.Report(SERVICE_STOP_PENDING, 0);
                ::SetEvent(run.m_stopRequested.get());
                return NO_ERROR;
            case SERVICE_CONTROL_INTERROGATE:
                return NO_ERROR;
            default:
                return ERROR_CALL_NOT_IMPLEMENTED;
        }
    }

    void LingerIn(DWORD state, DWORD delayMs) const {
        const ULONGLONG end = ::GetTickCount64() + delayMs;
        DWORD checkpoint = 1;
        Report(state, checkpoint);
        for (ULONGLONG now = ::GetTickCount64(); now < end; now = ::GetTickCount64()) {
            ::Sleep(static_cast<DWORD>(std::min<ULONGLONG>(kCheckpointMs, end - now)));
            Report(state, ++checkpoint);
        }
    }

    DWORD OpenDataFile() {
        const std::filesystem::path path{m_options.behaviour.dataFile};
        if (path.empty()) {
            return ERROR_SUCCESS;
        }
        std::error_code error;
        std::filesystem::create_directories(path.parent_path(), error);
        m_dataFile = OpenExclusively(path);
        return m_dataFile ? ERROR_SUCCESS : ::GetLastError();
    }

    void Report(DWORD state, DWORD checkpoint) const {
        const bool pending = state == SERVICE_START_PENDING || state == SERVICE_STOP_PENDING;
        SERVICE_STATUS status{};
        status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
        status.dwCurrentState = state;
        // A handler that refuses a control confuses Wine's service manager. A control that is not
        // accepted fails with ERROR_INVALID_SERVICE_CONTROL on Windows and on Wine.
        const bool stoppable = state == SERVICE_RUNNING && !m_options.behaviour.refuseStop;
        status.dwControlsAccepted = stoppable ? SERVICE_ACCEPT_STOP : 0;
        status.dwCheckPoint = checkpoint;
        status.dwWaitHint = pending ? kWaitHintMs : 0;
        ::SetServiceStatus(m_handle, &status);
    }

    void ReportStopped(DWORD exitCode, DWORD specificCode) const {
        SERVICE_STATUS status{};
        status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
        status.dwCurrentState = SERVICE_STOPPED;
        status.dwWin32ExitCode = exitCode;
        status.dwServiceSpecificExitCode = specificCode;
        ::SetServiceStatus(m_handle, &status);
    }

    Options m_options;
    SERVICE_STATUS_HANDLE m_handle = nullptr;
    UniqueHandle m_stopRequested;
    UniqueHandle m_dataFile;
};

// The control manager passes no context, so this reads the command line again.
void WINAPI ServiceMain(DWORD, wchar_t**) noexcept try {
    if (std::optional<Options> options = ParseOptions(ProcessArguments())) {
        ServiceRun{std::move(*options)}.Execute();
    }
} catch (const std::exception&) {
    // The process ends without STOPPED, which the control manager reports as a crash.
    ::ExitProcess(1);
}

}  // namespace

int RunService() {
    wchar_t ownName[] = L"";  // ignored for a service with a process of its own
    const SERVICE_TABLE_ENTRYW table[] = {{ownName, &ServiceMain}, {nullptr, nullptr}};
    if (!::StartServiceCtrlDispatcherW(table)) {
        win::ThrowLastError("StartServiceCtrlDispatcherW");
    }
    return 0;
}

}  // namespace wsb::lab
