#pragma once

#include <windows.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "unique-any.hpp"

namespace wsb::win {

/// Holds a mutex of the whole machine from construction to destruction.
///
/// A mutex belongs to the thread that took it, so a thread of its own takes it, waits and gives it
/// back. A process that dies gives it back, too; the next owner is not told, because what it
/// guards has a record of its own.
class HeldMutex {
  public:
    /// Waits for the mutex; nothing when `timeout` has passed.
    /// @exception HresultError when the mutex cannot be opened: somebody else's has its name.
    [[nodiscard]] static std::shared_ptr<HeldMutex> Acquire(const std::wstring& name,
                                                            std::chrono::milliseconds timeout);

    HeldMutex(const HeldMutex&) = delete;
    HeldMutex& operator=(const HeldMutex&) = delete;
    ~HeldMutex();

  private:
    using UniqueHandle = UniqueAny<HANDLE, ::CloseHandle>;

    HeldMutex(UniqueHandle mutex, UniqueHandle release);

    const UniqueHandle m_mutex;
    const UniqueHandle m_release;
    std::thread m_owner;
};

}  // namespace wsb::win
