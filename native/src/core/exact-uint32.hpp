#pragma once

#include <cstdint>
#include <limits>
#include <optional>

namespace wsb {

/// Converts `number` to an integer from 0 to 4294967295; nothing when it is not exactly one.
[[nodiscard]] constexpr std::optional<uint32_t> ToExactUint32(double number) noexcept {
    // Checked first, because converting a number outside the range is undefined. NaN fails the
    // check.
    if (!(number >= 0 && number <= std::numeric_limits<uint32_t>::max())) {
        return std::nullopt;
    }
    const auto integer = static_cast<uint32_t>(number);
    return static_cast<double>(integer) == number ? std::optional{integer} : std::nullopt;
}

}  // namespace wsb
