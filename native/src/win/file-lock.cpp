#include "file-lock.hpp"

#include <utility>

#include "hresult.hpp"

namespace wsb::win {
namespace {

using Clock = std::chrono::steady_clock;
using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

// Windows gives no event for a file that was closed.
constexpr std::chrono::milliseconds kPoll{15};
// As long as a file that its owner has closed may take to go.
constexpr std::chrono::seconds kGoneLimit{1};

/// Nothing when another process has the file; the reason is GetLastError's.
UniqueHandle TryOpen(const std::wstring& path) noexcept {
    const HANDLE file = ::CreateFileW(path.c_str(), GENERIC_WRITE | DELETE, 0, nullptr, OPEN_ALWAYS,
                                      FILE_ATTRIBUTE_NORMAL | FILE_FLAG_DELETE_ON_CLOSE, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        return UniqueHandle{};
    }
    return UniqueHandle{file};
}

}  // namespace

std::shared_ptr<FileLock> FileLock::Acquire(const std::wstring& path,
                                            std::chrono::milliseconds timeout) {
    const auto start = Clock::now();
    for (;;) {
        if (UniqueHandle file = TryOpen(path)) {
            return std::shared_ptr<FileLock>{new FileLock{std::move(file)}};
        }
        const DWORD error = ::GetLastError();
        const auto waited = Clock::now() - start;
        // A file that is going answers as one that is closed to us.
        const bool isHeld = error == ERROR_SHARING_VIOLATION ||
                            (error == ERROR_ACCESS_DENIED && waited < kGoneLimit);
        if (!isHeld) {
            throw HresultError{HRESULT_FROM_WIN32(error), "CreateFileW"};
        }
        if (waited >= timeout) {
            return nullptr;
        }
        ::Sleep(static_cast<DWORD>(kPoll.count()));
    }
}

}  // namespace wsb::win
