#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>

namespace wsb {

/// Counts what keeps the server process alive, and decides once that it has been idle.
///
/// The host holds one reference to the process from the start. It is given up when the count has
/// been zero for `linger`, or by Stop; nothing is let in from that moment on.
class UseCount {
  public:
    /// What a use count does to the process. Called with a lock held: it must not call back.
    class Host {
      public:
        Host() = default;
        Host(const Host&) = delete;
        Host& operator=(const Host&) = delete;
        virtual void AddProcessReference() noexcept = 0;
        virtual void ReleaseProcessReference() noexcept = 0;
        /// Has GiveUpIfIdle called after `delay`, in place of any time set earlier.
        virtual void SetTimer(std::chrono::milliseconds delay) noexcept = 0;

      protected:
        ~Host() = default;
    };

    UseCount(std::chrono::milliseconds linger, Host& host) noexcept
        : m_linger(linger), m_host(host) {}

    /// Begins a use; false when the server is stopping already.
    [[nodiscard]] bool TryEnter();

    /// Ends a use that began.
    void Leave() noexcept;

    /// Waits for the first use, for `atLeast` or longer.
    void Arm(std::chrono::milliseconds atLeast) noexcept;

    /// Turns away every later use.
    void Stop() noexcept;

    /// For the timer: true, once, when there is no use and the server has not been stopped.
    [[nodiscard]] bool GiveUpIfIdle() noexcept;

  private:
    using Lock = std::lock_guard<std::mutex>;
    void SetTimerLocked(const Lock& lock, std::chrono::milliseconds delay) noexcept;
    void StopLocked(const Lock& lock) noexcept;

    const std::chrono::milliseconds m_linger;
    Host& m_host;
    std::mutex m_mutex;  // guards what follows
    size_t m_uses = 0;
    bool m_stopping = false;
};

}  // namespace wsb
