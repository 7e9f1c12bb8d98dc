#pragma once

#include <windows.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "unique-any.hpp"

namespace wsb::win {

/// Holds a file that nobody else can open from construction to destruction, when it goes.
///
/// A process that dies gives it back, too; the next owner is not told, because what it guards has
/// a record of its own. Unlike a mutex, whose name any user can take first, it is as safe as its
/// folder is.
class FileLock {
  public:
    /// Waits for the file; nothing when `timeout` has passed.
    /// @exception HresultError when the file cannot be made: its folder is missing or closed to us.
    [[nodiscard]] static std::shared_ptr<FileLock> Acquire(const std::wstring& path,
                                                           std::chrono::milliseconds timeout);

  private:
    using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

    explicit FileLock(UniqueHandle file) noexcept : m_file(std::move(file)) {}

    const UniqueHandle m_file;
};

}  // namespace wsb::win
