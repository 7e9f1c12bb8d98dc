#include "seed.hpp"

#include <cstdlib>
#include <string>

namespace wsb::test {
namespace {

uint64_t ChooseSeed() {
    if (const char* given = std::getenv("WSB_TEST_SEED")) {
        return std::stoull(given);
    }
    return std::random_device{}();
}

}  // namespace

uint64_t Seed() {
    static const uint64_t seed = ChooseSeed();
    return seed;
}

Random::Random(uint64_t sequence) {
    const uint64_t seed = Seed();
    std::seed_seq words{static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32),
                        static_cast<uint32_t>(sequence), static_cast<uint32_t>(sequence >> 32)};
    m_engine.seed(words);
}

uint32_t Random::Below(uint32_t limit) {
    return std::uniform_int_distribution<uint32_t>{0, limit - 1}(m_engine);
}

}  // namespace wsb::test
