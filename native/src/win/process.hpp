#pragma once

#include <windows.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "unique-any.hpp"

namespace wsb::win {

/// A process of this machine. While this object lives, Windows does not reuse the process id.
class Process {
  public:
    /// Opens a process; nothing when no running process has the id.
    /// @exception HresultError when Windows denies access.
    [[nodiscard]] static std::optional<Process> Open(DWORD id);

    /// Ends a process, and returns when it has ended; false when there is no such process.
    /// @param startedAt From `StartedAt`: a later process with the same id lives on.
    /// @exception HresultError when Windows denies access, and WAIT_TIMEOUT when the process is
    /// still there after five seconds: it hangs in a device.
    static bool End(DWORD id, uint64_t startedAt);

    [[nodiscard]] DWORD Id() const noexcept { return m_id; }

    /// Returns the creation time in ticks of a FILETIME. Together with the id it identifies one
    /// process for ever; Windows reuses ids.
    [[nodiscard]] uint64_t StartedAt() const;

    /// Returns the path of its program; nothing when it has exited.
    [[nodiscard]] std::optional<std::wstring> Image() const;

    [[nodiscard]] bool HasExited() const noexcept;

  private:
    friend class ProcessExitWatch;
    using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

    Process(DWORD id, UniqueHandle handle) noexcept;

    static std::optional<Process> OpenFor(DWORD access, DWORD id);

    DWORD m_id;
    UniqueHandle m_handle;
};

/// A watch on the exit of a process.
class ProcessExitWatch {
  public:
    /// @param onExit Runs once, on a thread pool thread; at once when the process has already
    /// exited.
    ///        It must not throw or destroy this object.
    ProcessExitWatch(Process process, std::function<void()> onExit);
    ProcessExitWatch(const ProcessExitWatch&) = delete;
    ProcessExitWatch& operator=(const ProcessExitWatch&) = delete;
    /// Ends the watch. Waits for a running `onExit`, which does not run afterwards.
    ~ProcessExitWatch();

  private:
    static void CALLBACK OnSignaled(PTP_CALLBACK_INSTANCE instance, void* self, PTP_WAIT wait,
                                    TP_WAIT_RESULT result);

    const Process m_process;
    const std::function<void()> m_onExit;
    const UniqueAny<PTP_WAIT, ::CloseThreadpoolWait> m_wait;
};

}  // namespace wsb::win
