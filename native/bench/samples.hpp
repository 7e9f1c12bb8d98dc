#pragma once

#include <functional>
#include <vector>

namespace wsb::bench {

/// Seconds on a clock that only goes forward.
[[nodiscard]] double Now() noexcept;

/// How long `work` took, in microseconds.
[[nodiscard]] double Microseconds(const std::function<void()>& work);

/// What was measured of one side, a list for each round.
using Rounds = std::vector<std::vector<double>>;

struct Pair {
    Rounds ours;
    Rounds peer;
};

/// Measures both sides in turn, in every other round the peer first: what the machine does
/// meanwhile meets both.
[[nodiscard]] Pair Alternate(int rounds, const std::function<std::vector<double>()>& ours,
                             const std::function<std::vector<double>()>& peer);

/// Writes {"ours":[[…],…],"peer":[[…],…]} to stdout.
void Print(const Pair& pair);

}  // namespace wsb::bench
