#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace wsb {

// Waits for a word of memory to change. Blocking a thread is the only part of core that depends on
// the system: win/word-wait.cpp.

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t) &&
              std::atomic<uint32_t>::is_always_lock_free);

/// Blocks while `word` is `value`, at most for `limit`; may return early for no reason.
void WaitOnWord(std::atomic<uint32_t>& word, uint32_t value,
                std::chrono::milliseconds limit) noexcept;

/// Wakes the thread that waits on `word`, after the word was changed.
void WakeWaiter(std::atomic<uint32_t>& word) noexcept;

/// Blocks while `word` is `value`; false when it did not change within `limit`. It does not order
/// other memory: reading that needs a lock.
inline bool WaitForChange(std::atomic<uint32_t>& word, uint32_t value,
                          std::chrono::milliseconds limit) noexcept {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (word.load(std::memory_order_relaxed) == value) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(
            deadline - std::chrono::steady_clock::now());
        if (left <= std::chrono::milliseconds::zero()) {
            return false;
        }
        WaitOnWord(word, value, left);
    }
    return true;
}

}  // namespace wsb
