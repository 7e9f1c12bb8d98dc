#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace wsb::test {

/// What a thread-safe function of Node.js does: counts posts, and wakes the thread they are for.
class Posts {
  public:
    /// False once that thread has gone.
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

    /// Takes one post; false when none came until `deadline`.
    bool TakeUntil(std::chrono::steady_clock::time_point deadline) {
        std::unique_lock lock{m_mutex};
        if (!m_posted.wait_until(lock, deadline, [&] { return m_count > 0; })) {
            return false;
        }
        --m_count;
        return true;
    }

    /// As when the environment is being torn down.
    void Vanish() {
        const std::lock_guard lock{m_mutex};
        m_gone = true;
    }

  private:
    std::mutex m_mutex;  // guards what follows
    std::condition_variable m_posted;
    size_t m_count = 0;
    bool m_gone = false;
};

}  // namespace wsb::test
