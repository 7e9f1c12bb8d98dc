#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstddef>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "measures.hpp"
#include "remote.hpp"
#include "samples.hpp"

namespace wsb::bench {
namespace {

// Short, so that many rounds fit: other load on the machine can change a round by a third.
constexpr double kSeconds = 0.4;
// Longer than the clients' calls, so that it lasts from their first call to their last.
constexpr wchar_t kSlowComponent[] = L"slow:700";
constexpr DWORD kHeadStartMs = 100;

/// Calls until `end` and returns the duration of each call.
std::vector<double> CallUntil(const Remote& remote, double end) {
    std::vector<double> times;
    while (Now() < end) {
        times.push_back(Microseconds([&] { PreRestore(remote, nullptr, L"bench"); }));
    }
    return times;
}

/// Returns calls per second, the 99th percentile in microseconds, and the lowest client's fair
/// share.
std::vector<double> Describe(const std::vector<std::vector<double>>& clients, double seconds) {
    std::vector<double> all;
    size_t least = clients.front().size();
    for (const std::vector<double>& times : clients) {
        all.insert(all.end(), times.begin(), times.end());
        least = std::min(least, times.size());
    }
    if (all.empty()) {
        return {0, 0, 0};
    }
    std::ranges::sort(all);
    const auto count = static_cast<double>(all.size());
    const double fairShare = count / static_cast<double>(clients.size());
    return {count / seconds, all[static_cast<size_t>(count * 0.99)],
            static_cast<double>(least) / fairShare};
}

std::vector<double> CallTogether(const std::vector<Remote>& remotes) {
    const auto count = static_cast<std::ptrdiff_t>(remotes.size());
    std::vector<std::vector<double>> times(remotes.size());
    std::vector<std::thread> threads;
    double start = 0;
    // Starting and connecting so many threads takes a large part of a round.
    std::barrier together{count, [&]() noexcept { start = Now(); }};
    for (size_t index = 0; index < remotes.size(); ++index) {
        // The objects belong to the multithreaded apartment, which includes every thread without
        // its own.
        threads.emplace_back([&, index] {
            PreRestore(remotes[index], nullptr, L"bench");
            together.arrive_and_wait();
            times[index] = CallUntil(remotes[index], start + kSeconds);
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return Describe(times, Now() - start);
}

std::vector<double> CallBesideSlowOne(const std::vector<Remote>& remotes, const Remote& slow) {
    std::thread slowCaller{[&] { PreRestore(slow, nullptr, kSlowComponent); }};
    ::Sleep(kHeadStartMs);
    std::vector<double> result = CallTogether(remotes);
    slowCaller.join();
    return result;
}

std::vector<Remote> ActivateMany(const CLSID& clsid, size_t count) {
    std::vector<Remote> remotes;
    for (size_t index = 0; index < count; ++index) {
        remotes.push_back(Activate(clsid));
    }
    return remotes;
}

}  // namespace

void MeasureCrowd(const Request& request) {
    // One more than the callers.
    const auto ours = ActivateMany(request.ours, request.size + 1);
    const auto peer = ActivateMany(request.peer, request.size + 1);
    const auto call = [&](const std::vector<Remote>& remotes) {
        const std::vector<Remote> callers{remotes.begin() + 1, remotes.end()};
        return request.text == L"slow" ? CallBesideSlowOne(callers, remotes.front())
                                       : CallTogether(callers);
    };
    Print(Alternate(
        request.rounds, [&] { return call(ours); }, [&] { return call(peer); }));
}

}  // namespace wsb::bench
