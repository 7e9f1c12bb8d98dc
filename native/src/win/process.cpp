#include "process.hpp"

#include <utility>

#include "hresult.hpp"

namespace wsb::win {
namespace {

// The longest path on Windows, including the terminator.
constexpr DWORD kPathLimit = 32'768;

}  // namespace

Process::Process(DWORD id, UniqueHandle handle) noexcept : m_id(id), m_handle(std::move(handle)) {}

std::optional<Process> Process::Open(DWORD id) {
    UniqueHandle handle{::OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id)};
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
