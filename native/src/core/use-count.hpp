#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>

namespace wsb {

/// A counter of the uses of the server process, which decides once that the server is idle.
///
/// The host holds a reference to the process from the start. The reference is released when the
/// count was zero for `linger`, or by Stop; every use after that is refused.
class UseCount {
  public:
    /// The effects of a use count on the process. Called with a lock held: must not call back.
    class Host {
      public:
        Host() = default;
        Host(const Host&) = delete;
        Host& operator=(const Host&) = delete;
        virtual void AddProcessReference() noexcept = 0;
        virtual void ReleaseProcessReference() noexcept = 0;
        /// Schedules a call of GiveUpIfIdle after `delay`; replaces an earlier schedule.
        virtual void SetTimer(std::chrono::milliseconds delay) noexcept = 0;

      protected:
        ~Host() = default;
    };

    UseCount(std::chrono::milliseconds linger, Host& host) noexcept
        : m_linger(linger), m_host(host) {}

    /// Begins a use; false when the server is already stopping.
    [[nodiscard]] bool TryEnter();

    /// Ends a use.
    void Leave() noexcept;

    /// Starts to wait for the first use, at least for `atLeast`.
    void Arm(std::chrono::milliseconds atLeast) noexcept;

    /// Refuses every later use.
    void Stop() noexcept;

    /// Called by the timer: true once, when there is no use and the server was not stopped.
    [[nodiscard]] bool GiveUpIfIdle() noexcept;

  private:
    using Lock = std::lock_guard<std::mutex>;
    void SetTimerLocked(const Lock& lock, std::chrono::milliseconds delay) noexcept;
    void StopLocked(const Lock& lock) noexcept;

    const std::chrono::milliseconds m_linger;
    Host& m_host;
    std::mutex m_mutex;  // guards the members below
    size_t m_uses = 0;
    bool m_stopping = false;
};

}  // namespace wsb
