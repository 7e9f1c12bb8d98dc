#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

#include "measures.hpp"
#include "remote.hpp"
#include "samples.hpp"

namespace wsb::bench {
namespace {

constexpr size_t kEdge = 100;

using Times = std::vector<double>;

/// The times of the first and the last calls.
Rounds Edges(const Times& times) {
    const auto edge = static_cast<std::ptrdiff_t>(std::min(kEdge, times.size()));
    return {{times.begin(), times.begin() + edge}, {times.end() - edge, times.end()}};
}

Rounds Join(Rounds one, const Rounds& other) {
    one.insert(one.end(), other.begin(), other.end());
    return one;
}

/// Calls both servers in turn, so that other load affects both.
template <typename Call>
void CallBoth(const std::vector<std::wstring>& names, Pair& times, const Call& call,
              const Remote& ours, const Remote& peer) {
    Times onOurs;
    Times onPeer;
    for (const std::wstring& name : names) {
        onOurs.push_back(Microseconds([&] { call(ours, name.c_str()); }));
        onPeer.push_back(Microseconds([&] { call(peer, name.c_str()); }));
    }
    times.ours = Join(std::move(times.ours), Edges(onOurs));
    times.peer = Join(std::move(times.peer), Edges(onPeer));
}

}  // namespace

void MeasureGrowth(const Request& request) {
    std::vector<std::wstring> names;
    for (size_t index = 0; index < request.size; ++index) {
        names.push_back(L"component " + std::to_wstring(index));
    }
    const Remote ours = Activate(request.ours);
    const Remote peer = Activate(request.peer);
    const auto prepare = [](const Remote& remote, const wchar_t* name) {
        PreRestore(remote, nullptr, name);
    };
    const auto finish = [](const Remote& remote, const wchar_t* name) {
        PostRestore(remote, name);
    };
    // JavaScript gets faster during its first calls; a session of its own, so that none is counted.
    const auto warmUpCount = static_cast<std::ptrdiff_t>(std::min(kEdge, names.size()));
    const std::vector<std::wstring> warmUp(names.begin(), names.begin() + warmUpCount);
    Pair ignored;
    CallBoth(warmUp, ignored, prepare, ours, peer);
    CallBoth(warmUp, ignored, finish, ours, peer);
    Pair times;
    CallBoth(names, times, prepare, ours, peer);
    CallBoth(names, times, finish, ours, peer);
    Print(times);
}

}  // namespace wsb::bench
