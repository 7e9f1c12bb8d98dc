#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

#include "win/unique-any.hpp"

// The transport between the stand-in for VSS and a requester in another process: a pipe for each
// subscribed writer, whose messages are lists of texts. A pipe tells of the other side's death at
// once, and needs no proxy.

namespace wsb::lab {

using UniqueHandle = win::UniqueAny<HANDLE, ::CloseHandle>;
using Message = std::vector<std::wstring>;

/// The key with a volatile subkey for each subscribed writer, by the name of its pipe.
inline constexpr wchar_t kVssWriters[] = L"SOFTWARE\\wsb-addin-lab\\vssapi\\Writers";

/// Returns the path of the pipe of a writer's instance.
[[nodiscard]] std::wstring PipePath(const std::wstring& instance);

/// Writes a message; false when the other side has gone.
[[nodiscard]] bool Send(HANDLE pipe, const Message& message);

/// Waits for a message; nothing when the other side has gone.
[[nodiscard]] std::optional<Message> Receive(HANDLE pipe);

}  // namespace wsb::lab
