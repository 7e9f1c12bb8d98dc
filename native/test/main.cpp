#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <iostream>

#include "seed.hpp"

int main(int count, char** arguments) {
    // First, so that a failed run shows its seed.
    std::cout << "WSB_TEST_SEED=" << wsb::test::Seed() << std::endl;
    return doctest::Context{count, arguments}.run();
}
