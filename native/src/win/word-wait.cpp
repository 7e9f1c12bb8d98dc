#include "../core/word-wait.hpp"

#include <windows.h>

#include <algorithm>

namespace wsb {

void WaitOnWord(std::atomic<uint32_t>& word, uint32_t value,
                std::chrono::milliseconds limit) noexcept {
    // INFINITE would mean no limit.
    const auto milliseconds = std::min<int64_t>(limit.count(), INFINITE - 1);
    ::WaitOnAddress(&word, &value, sizeof(value), static_cast<DWORD>(milliseconds));
}

void WakeWaiter(std::atomic<uint32_t>& word) noexcept { ::WakeByAddressSingle(&word); }

}  // namespace wsb
