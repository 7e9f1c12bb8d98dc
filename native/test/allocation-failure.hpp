#pragma once

#include <cstddef>

namespace wsb::test {

/// Lets one allocation of this thread fail with std::bad_alloc: the one after `before` others.
/// None fails any more when this has gone.
class AllocationFailure {
  public:
    explicit AllocationFailure(size_t before) noexcept;
    AllocationFailure(const AllocationFailure&) = delete;
    AllocationFailure& operator=(const AllocationFailure&) = delete;
    ~AllocationFailure();

    [[nodiscard]] bool HasHappened() const noexcept;
};

}  // namespace wsb::test
