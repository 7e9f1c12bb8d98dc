// Plays a VSS requester in the lab: reads commands from standard input, a line each, and answers
// each with a line. It dies, like a requester without a farewell, when its input ends.
//
// ["list"] answers with four texts for each subscribed writer: instance, writer id, name, process
// id.
// ["connect", instance] answers ["connected"] or ["gone"].
// Every other command is an event for the connected writer; full-writer.cpp reads it. The answer is
// ["done" | "failed" | "refused", HRESULT, the application's HRESULT, message, thread id, …] with
// the call's time in microseconds at its end, or ["gone", Windows' error] when the writer has gone.

#include <windows.h>

#include <chrono>
#include <optional>
#include <string>

#include "line-channel.hpp"
#include "vss-pipe.hpp"
#include "win/hresult.hpp"
#include "win/registry.hpp"

namespace wsb::lab {
namespace {

using Clock = std::chrono::steady_clock;

std::wstring ReadText(const std::wstring& key, const wchar_t* name) {
    const auto value = win::ReadRegistryValue(key, name);
    if (!value || value->type != REG_SZ) {
        return {};
    }
    return reinterpret_cast<const wchar_t*>(value->data.data());
}

bool HasPipe(const std::wstring& instance) {
    return ::WaitNamedPipeW(PipePath(instance).c_str(), 1) != FALSE ||
           ::GetLastError() != ERROR_FILE_NOT_FOUND;
}

Message List() {
    Message answer;
    const auto key = win::ReadRegistryKey(kVssWriters);
    if (!key) {
        return answer;
    }
    for (const std::wstring& instance : key->subkeys) {
        const std::wstring path = std::wstring{kVssWriters} + L"\\" + instance;
        // The entry of a writer that died stays, unlike its pipe.
        if (!HasPipe(instance)) {
            win::DeleteRegistryKey(path);
            continue;
        }
        for (const std::wstring& text : {instance, ReadText(path, L"WriterId"),
                                         ReadText(path, L"Name"), ReadText(path, L"ProcessId")}) {
            answer.push_back(text);
        }
    }
    return answer;
}

Message Gone() { return {L"gone", std::to_wstring(::GetLastError())}; }

class Requester {
  public:
    Message Answer(const Message& command) {
        if (command.empty()) {
            return {L"refused", std::to_wstring(static_cast<uint32_t>(E_INVALIDARG))};
        }
        if (command[0] == L"list") {
            return List();
        }
        return command[0] == L"connect" ? Connect(command) : Call(command);
    }

  private:
    Message Connect(const Message& command) {
        const std::wstring path = PipePath(command.at(1));
        // Every end of the pipe may be taken for a moment.
        constexpr DWORD kPatienceMs = 5000;
        ::WaitNamedPipeW(path.c_str(), kPatienceMs);
        const HANDLE pipe = ::CreateFileW(path.c_str(), GENERIC_READ | GENERIC_WRITE, 0, nullptr,
                                          OPEN_EXISTING, 0, nullptr);
        if (pipe == INVALID_HANDLE_VALUE) {
            return Gone();
        }
        m_pipe = UniqueHandle{pipe};
        DWORD mode = PIPE_READMODE_MESSAGE;
        ::SetNamedPipeHandleState(pipe, &mode, nullptr, nullptr);
        return {L"connected"};
    }

    Message Call(const Message& command) {
        const auto start = Clock::now();
        if (!Send(m_pipe.get(), command)) {
            return Gone();
        }
        std::optional<Message> answer = Receive(m_pipe.get());
        if (!answer) {
            return Gone();
        }
        const auto time =
            std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
        answer->push_back(std::to_wstring(time.count()));
        return *std::move(answer);
    }

    UniqueHandle m_pipe;
};

}  // namespace
}  // namespace wsb::lab

int wmain() {
    wsb::lab::LineChannel channel;
    wsb::lab::Requester requester;
    while (const auto command = channel.Read()) {
        try {
            channel.Write(requester.Answer(*command));
        } catch (...) {
            channel.Write(
                {L"refused", std::to_wstring(static_cast<uint32_t>(wsb::win::CaughtHresult()))});
        }
    }
    return 0;
}
