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

/// Creates the file; empty when another process has it, with the reason in GetLastError().
UniqueHandle TryCreate(const std::wstring& path) noexcept {
    // Others may read who has the lock. CREATE_ALWAYS drops a record that a power cut left.
    const HANDLE file =
        ::CreateFileW(path.c_str(), GENERIC_WRITE | DELETE, FILE_SHARE_READ, nullptr, CREATE_ALWAYS,
                      FILE_ATTRIBUTE_NORMAL | FILE_FLAG_DELETE_ON_CLOSE, nullptr);
    if (file == INVALID_HANDLE_VALUE) {
        return UniqueHandle{};
    }
    return UniqueHandle{file};
}

}  // namespace

std::shared_ptr<FileLock> FileLock::Acquire(const std::wstring& path,
                                            const std::vector<uint8_t>& record,
                                            std::chrono::milliseconds timeout) {
    const auto start = Clock::now();
    auto heldAt = start;
    for (;;) {
        if (UniqueHandle file = TryCreate(path)) {
            std::shared_ptr<FileLock> lock{new FileLock{std::move(file)}};
            // Without its record (a full disk) the lock is as good, but nameless.
            static_cast<void>(lock->TryWrite(record));
            return lock;
        }
        const DWORD error = ::GetLastError();
        const auto now = Clock::now();
        if (error == ERROR_SHARING_VIOLATION) {
            heldAt = now;
        } else if (error != ERROR_ACCESS_DENIED || now - heldAt >= kGoneLimit) {
            // A file that is being deleted answers with ERROR_ACCESS_DENIED for a while.
            throw HresultError{HRESULT_FROM_WIN32(error), "CreateFileW"};
        }
        if (now - start >= timeout) {
            return nullptr;
        }
        ::Sleep(static_cast<DWORD>(kPoll.count()));
    }
}

void FileLock::Write(const std::vector<uint8_t>& record) {
    if (!TryWrite(record)) {
        ThrowLastError("WriteFile");
    }
}

bool FileLock::TryWrite(const std::vector<uint8_t>& record) noexcept {
    OVERLAPPED atBegin{};
    DWORD written = 0;
    const auto size = static_cast<DWORD>(record.size());
    if (::WriteFile(m_file.get(), record.data(), size, &written, &atBegin) == FALSE) {
        return false;
    }
    ::SetLastError(ERROR_DISK_FULL);
    return written == size;
}

}  // namespace wsb::win
