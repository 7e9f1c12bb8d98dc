#include "src/core/operation-state.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <cstdint>
#include <thread>
#include <vector>

namespace wsb::test {

TEST_CASE("OperationState keeps the first of many simultaneous ends") {
    constexpr int kThreads = 4;
    for (int round = 0; round < 500; ++round) {
        OperationState operation{7};
        std::atomic<int> firstEnds = 0;
        std::atomic<Hresult> first = kAsyncInProgress;
        std::barrier together{kThreads};
        {
            std::vector<std::jthread> threads;
            threads.reserve(kThreads);
            for (Hresult status = 0; status < kThreads; ++status) {
                threads.emplace_back([&, status] {
                    together.arrive_and_wait();
                    if (operation.Finish(status)) {
                        ++firstEnds;
                        first = status;
                    }
                });
            }
        }
        CHECK(firstEnds == 1);
        CHECK(operation.Status() == first);
    }
}

}  // namespace wsb::test
