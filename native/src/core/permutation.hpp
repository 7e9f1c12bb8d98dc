#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace wsb {

/// Tells whether `positions` contains each number below `count` exactly once.
[[nodiscard]] inline bool IsPermutation(std::span<const uint32_t> positions, size_t count) {
    if (positions.size() != count) {
        return false;
    }
    std::vector<bool> seen(count);
    for (const uint32_t position : positions) {
        if (position >= count || seen[position]) {
            return false;
        }
        seen[position] = true;
    }
    return true;
}

}  // namespace wsb
