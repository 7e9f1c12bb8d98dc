#include "src/core/word-wait.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

// The implementation for Linux. Like WaitOnAddress, it may return for no reason.

namespace wsb {

void WaitOnWord(std::atomic<uint32_t>& word, uint32_t value,
                std::chrono::milliseconds limit) noexcept {
    thread_local uint32_t waits = 0;
    if (++waits % 4 == 0) {
        return;
    }
    const auto seconds = std::chrono::floor<std::chrono::seconds>(limit);
    const std::chrono::nanoseconds rest = limit - seconds;
    const timespec timeout{seconds.count(), rest.count()};
    ::syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, value, &timeout, nullptr, 0);
}

void WakeWaiter(std::atomic<uint32_t>& word) noexcept {
    ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

}  // namespace wsb
