#pragma once

#include <windows.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "output-tail.hpp"
#include "unique-any.hpp"

namespace wsb::win {

struct ProcessTreeOptions {
    /// The path of the program; there is no search.
    std::wstring file;
    /// The command line, starting with the program, quoted for CommandLineToArgvW.
    std::wstring commandLine;
    /// The working folder.
    std::wstring folder;
    /// The environment as `NAME=value`, each name once.
    std::vector<std::wstring> environment;
    /// The bytes that the program can read from its input, before the input ends.
    std::vector<uint8_t> input;
    /// The number of bytes to keep from the end of the output.
    size_t outputBytes;
};

struct ProcessTreeEnd {
    /// Nothing when Windows could not kill the program: it hangs in a device.
    std::optional<DWORD> exitCode;
    /// The end of stdout and stderr, in the order of writing.
    std::wstring output;
};

/// A program and its child processes. They all end when the program ends, when this object is
/// destroyed, and when this process ends for any reason.
///
/// The program has no window. It inherits only the handles for its input and its output, whose end
/// is kept.
class ProcessTree {
  public:
    /// Starts the program.
    /// @param onEnd Runs once, on its own thread, when every process has ended, or five seconds
    /// after
    ///        they were killed. It must not throw or destroy this object.
    /// @exception HresultError when the program cannot be started.
    ProcessTree(const ProcessTreeOptions& options, std::function<void(ProcessTreeEnd)> onEnd);
    ProcessTree(const ProcessTree&) = delete;
    ProcessTree& operator=(const ProcessTree&) = delete;
    /// Kills the tree and waits for `onEnd`.
    ~ProcessTree();

    [[nodiscard]] DWORD Id() const noexcept { return m_id; }

    /// Kills every process of the tree without waiting. Idempotent.
    void Kill() noexcept;

  private:
    using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

    /// A pipe whose end of this process is overlapped, so that its use can be cancelled.
    struct Pipe {
        UniqueHandle own;
        UniqueHandle program;
    };

    static Pipe CreatePipe(DWORD direction);
    void Follow(size_t outputBytes) noexcept;
    void FollowTo(OutputTail& tail);
    [[nodiscard]] std::optional<DWORD> ExitCode() const noexcept;

    const std::function<void(ProcessTreeEnd)> m_onEnd;
    const UniqueHandle m_job;
    const UniqueHandle m_killed;  // an event
    const std::vector<uint8_t> m_inputBytes;
    UniqueHandle m_input;   // the writing end
    UniqueHandle m_output;  // the reading end
    UniqueHandle m_process;
    DWORD m_id = 0;
    std::thread m_follower;  // uses all members above
};

}  // namespace wsb::win
