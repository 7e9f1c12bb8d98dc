#pragma once

#include <functional>
#include <vector>

namespace wsb::bench {

/// Returns seconds on a monotonic clock.
[[nodiscard]] double Now() noexcept;

/// Runs `work` and returns its duration in microseconds.
[[nodiscard]] double Microseconds(const std::function<void()>& work);

/// The measurements of one side, a list for each round.
using Rounds = std::vector<std::vector<double>>;

struct Pair {
    Rounds ours;
    Rounds peer;
};

/// Measures both sides in turn, in every other round the peer first, so that other load affects
/// both.
[[nodiscard]] Pair Alternate(int rounds, const std::function<std::vector<double>()>& ours,
                             const std::function<std::vector<double>()>& peer);

/// Writes {"ours":[[…],…],"peer":[[…],…]} to stdout.
void Print(const Pair& pair);

}  // namespace wsb::bench
