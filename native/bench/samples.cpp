#include "samples.hpp"

#include <windows.h>

#include <cstdio>

namespace wsb::bench {
namespace {

void PrintRounds(const Rounds& rounds) {
    std::printf("[");
    for (size_t round = 0; round < rounds.size(); ++round) {
        std::printf(round == 0 ? "[" : ",[");
        for (size_t index = 0; index < rounds[round].size(); ++index) {
            std::printf(index == 0 ? "%.1f" : ",%.1f", rounds[round][index]);
        }
        std::printf("]");
    }
    std::printf("]");
}

}  // namespace

double Now() noexcept {
    LARGE_INTEGER ticks{};
    LARGE_INTEGER perSecond{};
    ::QueryPerformanceCounter(&ticks);
    ::QueryPerformanceFrequency(&perSecond);
    return static_cast<double>(ticks.QuadPart) / static_cast<double>(perSecond.QuadPart);
}

double Microseconds(const std::function<void()>& work) {
    const double start = Now();
    work();
    return (Now() - start) * 1e6;
}

Pair Alternate(int rounds, const std::function<std::vector<double>()>& ours,
               const std::function<std::vector<double>()>& peer) {
    Pair pair;
    for (int round = 0; round < rounds; ++round) {
        if (round % 2 == 0) {
            pair.ours.push_back(ours());
            pair.peer.push_back(peer());
        } else {
            pair.peer.push_back(peer());
            pair.ours.push_back(ours());
        }
    }
    return pair;
}

void Print(const Pair& pair) {
    std::printf("{\"ours\":");
    PrintRounds(pair.ours);
    std::printf(",\"peer\":");
    PrintRounds(pair.peer);
    std::printf("}\n");
}

}  // namespace wsb::bench
