#include "src/core/permutation.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cstdint>
#include <vector>

namespace wsb::test {

TEST_CASE("IsPermutation takes each position once and nothing else") {
    CHECK(IsPermutation({}, 0));
    CHECK(IsPermutation(std::array{0U}, 1));
    CHECK(IsPermutation(std::array{2U, 0U, 1U}, 3));
    for (const std::vector<uint32_t>& positions :
         {std::vector<uint32_t>{}, {0}, {0, 0}, {1, 1}, {0, 2}, {0, UINT32_MAX}, {0, 1, 2}}) {
        CAPTURE(positions.size());
        CHECK_FALSE(IsPermutation(positions, 2));
    }
}

}  // namespace wsb::test
