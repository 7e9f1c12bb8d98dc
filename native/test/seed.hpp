#pragma once

#include <cstdint>
#include <random>

namespace wsb::test {

/// Returns the seed of all random numbers in this run: WSB_TEST_SEED, or a new seed.
[[nodiscard]] uint64_t Seed();

/// A sequence of random numbers; the same seed gives the same sequences.
class Random {
  public:
    explicit Random(uint64_t sequence);

    /// Returns a number below `limit`, which must not be 0.
    [[nodiscard]] uint32_t Below(uint32_t limit);

    /// Returns true once in `count` times on average.
    [[nodiscard]] bool OneIn(uint32_t count) { return Below(count) == 0; }

  private:
    std::mt19937_64 m_engine;
};

}  // namespace wsb::test
