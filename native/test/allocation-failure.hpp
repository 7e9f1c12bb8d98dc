#pragma once

#include <cstddef>

namespace wsb::test {

/// Makes one allocation of this thread fail with std::bad_alloc, after `before` others. No
/// allocation fails after the destructor.
class AllocationFailure {
  public:
    explicit AllocationFailure(size_t before) noexcept;
    AllocationFailure(const AllocationFailure&) = delete;
    AllocationFailure& operator=(const AllocationFailure&) = delete;
    ~AllocationFailure();

    [[nodiscard]] bool HasHappened() const noexcept;
};

}  // namespace wsb::test
