#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace wsb::test {

/// A simulated thread-safe function of Node.js: counts posts and wakes the receiving thread.
class Posts {
  public:
    /// Adds a post; false after the receiving thread has ended.
    bool Post() {
        {
            const std::lock_guard lock{m_mutex};
            if (m_gone) {
                return false;
            }
            ++m_count;
        }
        m_posted.notify_one();
        return true;
    }

    /// Takes a post; false when none arrived until `deadline`.
    bool TakeUntil(std::chrono::steady_clock::time_point deadline) {
        std::unique_lock lock{m_mutex};
        if (!m_posted.wait_until(lock, deadline, [&] { return m_count > 0; })) {
            return false;
        }
        --m_count;
        return true;
    }

    /// Refuses posts from now on, like an environment that shuts down.
    void Vanish() {
        const std::lock_guard lock{m_mutex};
        m_gone = true;
    }

  private:
    std::mutex m_mutex;  // guards the members below
    std::condition_variable m_posted;
    size_t m_count = 0;
    bool m_gone = false;
};

}  // namespace wsb::test
