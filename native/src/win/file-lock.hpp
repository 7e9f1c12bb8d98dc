#pragma once

#include <windows.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "unique-any.hpp"

namespace wsb::win {

/// A lock: a file that no other process can open except to read it. It holds a record of who has
/// the lock. The destructor deletes the file.
///
/// A process that dies releases the lock. The next owner is not told, because the guarded data has
/// its own journal. A file is as safe as its folder, but any user can take a mutex's name first.
class FileLock {
  public:
    /// Waits for the lock; nothing when `timeout` has passed. The file holds `record` before
    /// anything else of this process runs, but is empty when the disk does not take the record.
    /// @exception HresultError when the file cannot be created: its folder is missing or
    /// inaccessible.
    [[nodiscard]] static std::shared_ptr<FileLock> Acquire(const std::wstring& path,
                                                           const std::vector<uint8_t>& record,
                                                           std::chrono::milliseconds timeout);

    /// Writes a record over the one before, which has the same length.
    /// @exception HresultError when the disk does not take it.
    void Write(const std::vector<uint8_t>& record);

  private:
    using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

    explicit FileLock(UniqueHandle file) noexcept : m_file(std::move(file)) {}

    /// Returns false with the reason in GetLastError().
    [[nodiscard]] bool TryWrite(const std::vector<uint8_t>& record) noexcept;

    const UniqueHandle m_file;
};

}  // namespace wsb::win
