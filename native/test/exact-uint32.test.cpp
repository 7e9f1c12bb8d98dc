#include "src/core/exact-uint32.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace wsb::test {

TEST_CASE("ToExactUint32 takes integers of 32 bits and nothing else") {
    using Limits = std::numeric_limits<double>;
    CHECK(ToExactUint32(0) == 0U);
    CHECK(ToExactUint32(-0.0) == 0U);
    CHECK(ToExactUint32(1) == 1U);
    CHECK(ToExactUint32(4294967295.0) == 4294967295U);
    for (const double number :
         {-1.0, -0.5, 0.5, 4294967294.5, 4294967295.5, 4294967296.0, 1e300, -1e300,
          Limits::denorm_min(), Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN()}) {
        CAPTURE(number);
        CHECK_FALSE(ToExactUint32(number));
    }
}

}  // namespace wsb::test
