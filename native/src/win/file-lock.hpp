#pragma once

#include <windows.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "unique-any.hpp"

namespace wsb::win {

/// A lock: a file that no other process can open. The destructor deletes the file.
///
/// A process that dies releases the lock. The next owner is not told, because the guarded data has
/// its own journal. A file is as safe as its folder, but any user can take a mutex's name first.
class FileLock {
  public:
    /// Waits for the lock; nothing when `timeout` has passed.
    /// @exception HresultError when the file cannot be created: its folder is missing or
    /// inaccessible.
    [[nodiscard]] static std::shared_ptr<FileLock> Acquire(const std::wstring& path,
                                                           std::chrono::milliseconds timeout);

  private:
    using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

    explicit FileLock(UniqueHandle file) noexcept : m_file(std::move(file)) {}

    const UniqueHandle m_file;
};

}  // namespace wsb::win
