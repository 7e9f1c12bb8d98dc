#pragma once

#include <cstdint>
#include <random>

namespace wsb::test {

/// What all randomness of this run comes from: WSB_TEST_SEED, or a new one in each run.
[[nodiscard]] uint64_t Seed();

/// One of many sequences of random numbers, each the same for the same seed.
class Random {
  public:
    explicit Random(uint64_t sequence);

    /// A number below `limit`, which is not 0.
    [[nodiscard]] uint32_t Below(uint32_t limit);

    /// True once in `count` times.
    [[nodiscard]] bool OneIn(uint32_t count) { return Below(count) == 0; }

  private:
    std::mt19937_64 m_engine;
};

}  // namespace wsb::test
