#include "process.hpp"

#include <utility>

#include "hresult.hpp"

namespace wsb::win {
namespace {

// The longest path on Windows, including the terminator.
constexpr DWORD kPathLimit = 32'768;
// The time that a process may take to end after it was ended.
constexpr DWORD kEndLimitMs = 5000;
constexpr UINT kEndedExitCode = 1;

/// The right to end processes of other accounts, for this thread while the object lives.
/// Administrators have it switched off until they ask for it, and without it Windows does not let
/// them end a process of SYSTEM. Where it cannot be had, the attempt to end one tells why.
class DebugPrivilege {
  public:
    DebugPrivilege() noexcept : m_impersonates(::ImpersonateSelf(SecurityImpersonation) != FALSE) {
        UniqueAny<HANDLE, ::CloseHandle> token;
        TOKEN_PRIVILEGES enabled{1, {{{}, SE_PRIVILEGE_ENABLED}}};
        if (m_impersonates &&
            ::OpenThreadToken(::GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES, TRUE, token.put()) !=
                FALSE &&
            ::LookupPrivilegeValueW(nullptr, L"SeDebugPrivilege", &enabled.Privileges[0].Luid) !=
                FALSE) {
            ::AdjustTokenPrivileges(token.get(), FALSE, &enabled, 0, nullptr, nullptr);
        }
    }
    DebugPrivilege(const DebugPrivilege&) = delete;
    DebugPrivilege& operator=(const DebugPrivilege&) = delete;
    ~DebugPrivilege() {
        if (m_impersonates) {
            ::RevertToSelf();
        }
    }

  private:
    const bool m_impersonates;
};

}  // namespace

Process::Process(DWORD id, UniqueHandle handle) noexcept : m_id(id), m_handle(std::move(handle)) {}

std::optional<Process> Process::Open(DWORD id) { return OpenFor(0, id); }

std::optional<Process> Process::OpenFor(DWORD access, DWORD id) {
    UniqueHandle handle{
        ::OpenProcess(access | SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id)};
    if (!handle) {
        // Windows returns this code for an unused id.
        if (::GetLastError() == ERROR_INVALID_PARAMETER) {
            return std::nullopt;
        }
        ThrowLastError("OpenProcess");
    }
    Process process{id, std::move(handle)};
    // An exited process remains while a handle of it is open.
    if (process.HasExited()) {
        return std::nullopt;
    }
    return process;
}

bool Process::End(DWORD id, uint64_t startedAt) {
    const DebugPrivilege privilege;
    const auto process = OpenFor(PROCESS_TERMINATE, id);
    if (!process || process->StartedAt() != startedAt) {
        return false;
    }
    // A process that is ending on its own refuses with ERROR_ACCESS_DENIED.
    const DWORD error = ::TerminateProcess(process->m_handle.get(), kEndedExitCode) == FALSE
                            ? ::GetLastError()
                            : ERROR_SUCCESS;
    if (::WaitForSingleObject(process->m_handle.get(), kEndLimitMs) == WAIT_OBJECT_0) {
        return true;
    }
    throw HresultError{HRESULT_FROM_WIN32(error == ERROR_SUCCESS ? WAIT_TIMEOUT : error),
                       "TerminateProcess"};
}

uint64_t Process::StartedAt() const {
    FILETIME created{};
    FILETIME exited{};
    FILETIME kernel{};
    FILETIME user{};
    if (::GetProcessTimes(m_handle.get(), &created, &exited, &kernel, &user) == FALSE) {
        ThrowLastError("GetProcessTimes");
    }
    return (uint64_t{created.dwHighDateTime} << 32U) | created.dwLowDateTime;
}

std::optional<std::wstring> Process::Image() const {
    std::wstring path(kPathLimit, L'\0');
    DWORD length = kPathLimit;
    if (::QueryFullProcessImageNameW(m_handle.get(), 0 /* as Win32 spells it */, path.data(),
                                     &length) == FALSE) {
        const DWORD error = ::GetLastError();
        if (HasExited()) {
            return std::nullopt;
        }
        throw HresultError{HRESULT_FROM_WIN32(error), "QueryFullProcessImageNameW"};
    }
    path.resize(length);
    return path;
}

bool Process::HasExited() const noexcept {
    return ::WaitForSingleObject(m_handle.get(), 0) == WAIT_OBJECT_0;
}

ProcessExitWatch::ProcessExitWatch(Process process, std::function<void()> onExit)
    : m_process(std::move(process)),
      m_onExit(std::move(onExit)),
      m_wait(::CreateThreadpoolWait(&ProcessExitWatch::OnSignaled, this, nullptr)) {
    if (!m_wait) {
        ThrowLastError("CreateThreadpoolWait");
    }
    ::SetThreadpoolWait(m_wait.get(), m_process.m_handle.get(), nullptr /* without a limit */);
}

ProcessExitWatch::~ProcessExitWatch() {
    // Cancelled first, because the callback could otherwise start between the wait and the close.
    ::SetThreadpoolWait(m_wait.get(), nullptr, nullptr);
    ::WaitForThreadpoolWaitCallbacks(m_wait.get(), TRUE);
}

void CALLBACK ProcessExitWatch::OnSignaled(PTP_CALLBACK_INSTANCE /*instance*/, void* self,
                                           PTP_WAIT /*wait*/, TP_WAIT_RESULT /*result*/) {
    static_cast<const ProcessExitWatch*>(self)->m_onExit();
}

}  // namespace wsb::win
