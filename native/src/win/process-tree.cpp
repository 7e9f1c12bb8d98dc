#include "process-tree.hpp"

#include <objbase.h>

#include <array>
#include <chrono>
#include <span>
#include <utility>
#include <vector>

#include "hresult.hpp"

namespace wsb::win {
namespace {

using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;
using Clock = std::chrono::steady_clock;

// The time that processes may take to end after they were killed.
constexpr std::chrono::seconds kEndLimit{5};
constexpr DWORD kPollMs = 10;
constexpr size_t kPipeBytes = size_t{64} * 1024;
constexpr UINT kKilledExitCode = 1;

/// Checks the handle of a function that returns INVALID_HANDLE_VALUE instead of null.
UniqueHandle OrThrow(HANDLE handle, const char* api) {
    if (handle == INVALID_HANDLE_VALUE || handle == nullptr) {
        ThrowLastError(api);
    }
    return UniqueHandle{handle};
}

UniqueHandle CreateKillingJob() {
    UniqueHandle job = OrThrow(::CreateJobObjectW(nullptr, nullptr), "CreateJobObjectW");
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    // When this process dies, Windows closes the job's handle and so ends the job's processes. A
    // process that crashes ends at once, without a dialog that waits for a user.
    limits.BasicLimitInformation.LimitFlags =
        JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION;
    if (::SetInformationJobObject(job.get(), JobObjectExtendedLimitInformation, &limits,
                                  sizeof limits) == FALSE) {
        ThrowLastError("SetInformationJobObject");
    }
    return job;
}

UniqueHandle CreateManualEvent() {
    return OrThrow(::CreateEventW(nullptr, TRUE, FALSE, nullptr), "CreateEventW");
}

/// The attributes of a new process besides CreateProcessW's parameters.
class AttributeList {
  public:
    explicit AttributeList(DWORD count) {
        SIZE_T size = 0;
        ::InitializeProcThreadAttributeList(nullptr, count, 0, &size);
        m_memory.resize(size);
        if (::InitializeProcThreadAttributeList(get(), count, 0, &size) == FALSE) {
            ThrowLastError("InitializeProcThreadAttributeList");
        }
    }
    AttributeList(const AttributeList&) = delete;
    AttributeList& operator=(const AttributeList&) = delete;
    ~AttributeList() { ::DeleteProcThreadAttributeList(get()); }

    /// Sets an attribute. Windows keeps the address of `handles`.
    void Set(DWORD_PTR attribute, std::span<HANDLE> handles) {
        if (::UpdateProcThreadAttribute(get(), 0, attribute, handles.data(), handles.size_bytes(),
                                        nullptr, nullptr) == FALSE) {
            ThrowLastError("UpdateProcThreadAttribute");
        }
    }

    [[nodiscard]] LPPROC_THREAD_ATTRIBUTE_LIST get() noexcept {
        return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(m_memory.data());
    }

  private:
    std::vector<std::byte> m_memory;
};

std::wstring EnvironmentBlock(const std::vector<std::wstring>& variables) {
    std::wstring block;
    for (const std::wstring& variable : variables) {
        block.append(variable).push_back(L'\0');
    }
    // An additional NUL ends the block; the string's own NUL covers a block without variables.
    block.push_back(L'\0');
    return block;
}

/// Starts the program inside the job, so that none of its children can escape the job.
PROCESS_INFORMATION Start(const ProcessTreeOptions& options, HANDLE job, HANDLE input,
                          HANDLE output) {
    std::array<HANDLE, 2> inherited{input, output};
    std::array<HANDLE, 1> jobs{job};
    AttributeList attributes{2};
    attributes.Set(PROC_THREAD_ATTRIBUTE_HANDLE_LIST, inherited);
    attributes.Set(PROC_THREAD_ATTRIBUTE_JOB_LIST, jobs);
    STARTUPINFOEXW startup{};
    startup.StartupInfo.cb = sizeof startup;
    startup.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
    startup.StartupInfo.hStdInput = input;
    startup.StartupInfo.hStdOutput = output;
    startup.StartupInfo.hStdError = output;
    startup.lpAttributeList = attributes.get();
    // A copy, because CreateProcessW writes into it.
    std::wstring commandLine = options.commandLine;
    std::wstring environment = EnvironmentBlock(options.environment);
    PROCESS_INFORMATION process{};
    if (::CreateProcessW(
            options.file.c_str(), commandLine.data(), nullptr, nullptr, TRUE,
            CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT | EXTENDED_STARTUPINFO_PRESENT,
            environment.data(), options.folder.c_str(), &startup.StartupInfo, &process) == FALSE) {
        ThrowLastError("CreateProcessW");
    }
    return process;
}

DWORD UntilMs(Clock::time_point deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    return left.count() > 0 ? static_cast<DWORD>(left.count()) : 0;
}

bool HasProcesses(HANDLE job) {
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION counts{};
    return ::QueryInformationJobObject(job, JobObjectBasicAccountingInformation, &counts,
                                       sizeof counts, nullptr) != FALSE &&
           counts.ActiveProcesses > 0;
}

/// A reader of a pipe that always has a read pending until the pipe ends.
class PipeReader {
  public:
    PipeReader(HANDLE pipe, OutputTail& tail)
        : m_pipe(pipe), m_tail(tail), m_event(CreateManualEvent()) {
        BeginRead();
    }
    PipeReader(const PipeReader&) = delete;
    PipeReader& operator=(const PipeReader&) = delete;
    ~PipeReader() {
        if (!m_ended) {
            ::CancelIoEx(m_pipe, &m_overlapped);
            DWORD count = 0;
            ::GetOverlappedResult(m_pipe, &m_overlapped, &count, TRUE /* it writes to us */);
        }
    }

    /// Returns the event that is signaled when `Take` can take data.
    [[nodiscard]] HANDLE Event() const noexcept { return m_event.get(); }
    [[nodiscard]] bool HasEnded() const noexcept { return m_ended; }

    void Take() {
        DWORD count = 0;
        if (::GetOverlappedResult(m_pipe, &m_overlapped, &count, FALSE) == FALSE) {
            m_ended = true;  // every writer has closed it
            return;
        }
        m_tail.Append({m_buffer.data(), count});
        BeginRead();
    }

  private:
    void BeginRead() {
        m_overlapped = {};
        m_overlapped.hEvent = m_event.get();
        const BOOL read = ::ReadFile(m_pipe, m_buffer.data(), static_cast<DWORD>(m_buffer.size()),
                                     nullptr, &m_overlapped);
        m_ended = read == FALSE && ::GetLastError() != ERROR_IO_PENDING;
    }

    const HANDLE m_pipe;
    OutputTail& m_tail;
    const UniqueHandle m_event;
    OVERLAPPED m_overlapped{};
    bool m_ended = false;
    std::array<char, 4096> m_buffer{};
};

/// A writer that closes its pipe when the program has read all bytes or reads no more.
class PipeWriter {
  public:
    /// @param bytes They must outlive this object.
    PipeWriter(UniqueHandle pipe, const std::vector<uint8_t>& bytes)
        : m_pipe(std::move(pipe)), m_event(CreateManualEvent()) {
        m_overlapped.hEvent = m_event.get();
        if (bytes.empty()) {
            Close();
            return;
        }
        const BOOL written = ::WriteFile(m_pipe.get(), bytes.data(),
                                         static_cast<DWORD>(bytes.size()), nullptr, &m_overlapped);
        if (written == FALSE && ::GetLastError() != ERROR_IO_PENDING) {
            Close();
        }
    }
    PipeWriter(const PipeWriter&) = delete;
    PipeWriter& operator=(const PipeWriter&) = delete;
    ~PipeWriter() {
        if (!HasEnded()) {
            ::CancelIoEx(m_pipe.get(), &m_overlapped);
            DWORD count = 0;
            ::GetOverlappedResult(m_pipe.get(), &m_overlapped, &count, TRUE /* it reads from us */);
        }
    }

    /// Returns the event that is signaled when the pipe is to be closed.
    [[nodiscard]] HANDLE Event() const noexcept { return m_event.get(); }
    [[nodiscard]] bool HasEnded() const noexcept { return !m_pipe; }

    void Close() noexcept { m_pipe.reset(); }

  private:
    UniqueHandle m_pipe;
    const UniqueHandle m_event;
    OVERLAPPED m_overlapped{};
};

}  // namespace

ProcessTree::Pipe ProcessTree::CreatePipe(DWORD direction) {
    // A random name that no other process can use first.
    GUID id{};
    ThrowIfFailed(::CoCreateGuid(&id), "CoCreateGuid");
    std::array<wchar_t, 39> text{};
    ::StringFromGUID2(id, text.data(), static_cast<int>(text.size()));
    const std::wstring name = std::wstring{L"\\\\.\\pipe\\wsb-addin-"} + text.data();
    Pipe pipe;
    // Without a buffer for what is written, a write ends only when it is read.
    pipe.own =
        OrThrow(::CreateNamedPipeW(name.c_str(),
                                   direction | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE,
                                   PIPE_TYPE_BYTE | PIPE_REJECT_REMOTE_CLIENTS, 1 /* instance */,
                                   0 /* bytes out */, kPipeBytes, 0 /* default timeout */, nullptr),
                "CreateNamedPipeW");
    SECURITY_ATTRIBUTES inheritable{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
    const DWORD access = direction == PIPE_ACCESS_INBOUND ? GENERIC_WRITE : GENERIC_READ;
    pipe.program =
        OrThrow(::CreateFileW(name.c_str(), access, 0, &inheritable, OPEN_EXISTING, 0, nullptr),
                "CreateFileW");
    return pipe;
}

ProcessTree::ProcessTree(const ProcessTreeOptions& options,
                         std::function<void(ProcessTreeEnd)> onEnd)
    : m_onEnd(std::move(onEnd)),
      m_job(CreateKillingJob()),
      m_killed(CreateManualEvent()),
      m_inputBytes(options.input) {
    Pipe input = CreatePipe(PIPE_ACCESS_OUTBOUND);
    Pipe output = CreatePipe(PIPE_ACCESS_INBOUND);
    m_input = std::move(input.own);
    m_output = std::move(output.own);
    const PROCESS_INFORMATION started =
        Start(options, m_job.get(), input.program.get(), output.program.get());
    m_process = UniqueHandle{started.hProcess};
    const UniqueHandle thread{started.hThread};
    m_id = started.dwProcessId;
    m_follower = std::thread{[this, size = options.outputBytes] { Follow(size); }};
}

ProcessTree::~ProcessTree() {
    Kill();
    m_follower.join();
}

void ProcessTree::Kill() noexcept {
    ::TerminateJobObject(m_job.get(), kKilledExitCode);
    ::SetEvent(m_killed.get());
}

void ProcessTree::Follow(size_t outputBytes) noexcept {
    ProcessTreeEnd end;
    try {
        OutputTail tail{outputBytes};
        FollowTo(tail);
        end.output = tail.Text();
        end.exitCode = ExitCode();
    } catch (...) {
        // Out of resources: the program's result cannot be determined.
        Kill();
    }
    m_onEnd(std::move(end));
}

void ProcessTree::FollowTo(OutputTail& tail) {
    PipeReader reader{m_output.get(), tail};
    PipeWriter writer{std::move(m_input), m_inputBytes};
    for (;;) {
        // The events of a finished reader and writer stay signaled, so they are not waited for.
        std::vector<HANDLE> handles{m_process.get(), m_killed.get()};
        if (!reader.HasEnded()) {
            handles.push_back(reader.Event());
        }
        if (!writer.HasEnded()) {
            handles.push_back(writer.Event());
        }
        const DWORD woken = ::WaitForMultipleObjects(static_cast<DWORD>(handles.size()),
                                                     handles.data(), FALSE, INFINITE);
        constexpr DWORD kFirstEvent = 2;
        if (woken < WAIT_OBJECT_0 + kFirstEvent || woken >= WAIT_OBJECT_0 + handles.size()) {
            break;
        }
        if (handles[woken - WAIT_OBJECT_0] == reader.Event()) {
            reader.Take();
        } else {
            writer.Close();
        }
    }
    // Ends the processes that the program has left running.
    Kill();
    const auto deadline = Clock::now() + kEndLimit;
    while (!reader.HasEnded() &&
           ::WaitForSingleObject(reader.Event(), UntilMs(deadline)) == WAIT_OBJECT_0) {
        reader.Take();
    }
    while (HasProcesses(m_job.get()) && Clock::now() < deadline) {
        // Polled, because a job does not reliably signal that it is empty.
        ::Sleep(kPollMs);
    }
}

std::optional<DWORD> ProcessTree::ExitCode() const noexcept {
    DWORD code = 0;
    if (::WaitForSingleObject(m_process.get(), 0) != WAIT_OBJECT_0 ||
        ::GetExitCodeProcess(m_process.get(), &code) == FALSE) {
        return std::nullopt;
    }
    return code;
}

}  // namespace wsb::win
