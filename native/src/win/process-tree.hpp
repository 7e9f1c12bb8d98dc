#pragma once

#include <windows.h>

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "output-tail.hpp"
#include "unique-any.hpp"

namespace wsb::win {

struct ProcessTreeOptions {
    /// Path of the program; nothing looks for it elsewhere.
    std::wstring file;
    /// With the program's name as its first argument, quoted as CommandLineToArgvW reads it.
    std::wstring commandLine;
    /// Working folder.
    std::wstring folder;
    /// `NAME=value`, each name once.
    std::vector<std::wstring> environment;
    /// How much of the end of its output is kept.
    size_t outputBytes;
};

struct ProcessTreeEnd {
    /// Nothing when Windows could not end the program: it hangs in a device.
    std::optional<DWORD> exitCode;
    /// The end of what was written to stdout and stderr, in the order of writing.
    std::wstring output;
};

/// A program and everything it starts, which end together: with the program itself, when this is
/// destroyed, and when this process ends, however it does.
///
/// The program has no window and nothing to read; of what it writes the end is kept. It inherits
/// no handle but those for that.
class ProcessTree {
  public:
    /// Starts the program.
    /// @param onEnd Runs once, on a thread of its own, when every process has gone, or five seconds
    ///        after it should have. It must not throw, nor destroy this.
    /// @exception HresultError when the program cannot be started.
    ProcessTree(const ProcessTreeOptions& options, std::function<void(ProcessTreeEnd)> onEnd);
    ProcessTree(const ProcessTree&) = delete;
    ProcessTree& operator=(const ProcessTree&) = delete;
    /// Ends the tree and waits for `onEnd`.
    ~ProcessTree();

    [[nodiscard]] DWORD Id() const noexcept { return m_id; }

    /// Ends every process of the tree, and does not wait. Idempotent.
    void Kill() noexcept;

  private:
    using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

    void Follow(size_t outputBytes) noexcept;
    void FollowTo(OutputTail& tail);
    [[nodiscard]] std::optional<DWORD> ExitCode() const noexcept;

    const std::function<void(ProcessTreeEnd)> m_onEnd;
    const UniqueHandle m_job;
    const UniqueHandle m_killed;  // an event
    UniqueHandle m_output;        // the reading end, overlapped: a wait for more can be given up
    UniqueHandle m_process;
    DWORD m_id = 0;
    std::thread m_follower;  // uses all of them
};

}  // namespace wsb::win
