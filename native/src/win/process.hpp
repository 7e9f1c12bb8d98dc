#pragma once

#include <windows.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "unique-any.hpp"

namespace wsb::win {

/// A process of this machine. While this lives, no other process gets its id.
class Process {
  public:
    /// Nothing when the process has gone, or none had the id.
    /// @exception HresultError when Windows does not let us look at it.
    [[nodiscard]] static std::optional<Process> Open(DWORD id);

    [[nodiscard]] DWORD Id() const noexcept { return m_id; }

    /// When it was created, in the ticks of a FILETIME. Together with the id it names one process
    /// for ever: ids are used again.
    [[nodiscard]] uint64_t StartedAt() const;

    /// Path of its program; nothing when it has exited meanwhile.
    [[nodiscard]] std::optional<std::wstring> Image() const;

    [[nodiscard]] bool HasExited() const noexcept;

  private:
    friend class ProcessExitWatch;
    using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

    Process(DWORD id, UniqueHandle handle) noexcept;

    DWORD m_id;
    UniqueHandle m_handle;
};

/// Tells when a process has exited.
class ProcessExitWatch {
  public:
    /// `onExit` runs once, on a thread pool thread, at once when the process has exited already.
    /// It must not throw, nor destroy this.
    ProcessExitWatch(Process process, std::function<void()> onExit);
    ProcessExitWatch(const ProcessExitWatch&) = delete;
    ProcessExitWatch& operator=(const ProcessExitWatch&) = delete;
    /// `onExit` does not run after it: one that runs is waited for.
    ~ProcessExitWatch();

  private:
    static void CALLBACK OnSignaled(PTP_CALLBACK_INSTANCE instance, void* self, PTP_WAIT wait,
                                    TP_WAIT_RESULT result);

    const Process m_process;
    const std::function<void()> m_onExit;
    const UniqueAny<PTP_WAIT, ::CloseThreadpoolWait> m_wait;
};

}  // namespace wsb::win
