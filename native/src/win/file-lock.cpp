#include "file-lock.hpp"

#include <utility>

#include "hresult.hpp"

namespace wsb::win {
namespace {

using Clock = std::chrono::steady_clock;
using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

// Polled, because Windows does not signal that a file was closed.
constexpr std::chrono::milliseconds kPoll{15};
// The time that a file may take to disappear after its owner has closed it.
constexpr std::chrono::seconds kGoneLimit{1};

/// Opens the file; empty when another process has it, with the reason in GetLastError().
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
        // A file that is being deleted answers with ERROR_ACCESS_DENIED.
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
