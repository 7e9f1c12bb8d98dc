#pragma once

#include <windows.h>

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "unique-any.hpp"

namespace wsb::win {

/// A held machine-wide mutex. The destructor releases it.
///
/// A mutex belongs to the thread that acquired it, so a separate thread acquires it, waits and
/// releases it. A process that dies releases it too. The next owner is not told, because the
/// guarded data has its own journal.
class HeldMutex {
  public:
    /// Waits for the mutex; nothing when `timeout` has passed.
    /// @exception HresultError when the mutex cannot be opened: another user's mutex has its name.
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
