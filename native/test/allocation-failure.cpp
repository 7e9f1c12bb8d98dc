#include "allocation-failure.hpp"

#include <cstdlib>
#include <limits>
#include <new>

namespace {

constexpr size_t kNever = std::numeric_limits<size_t>::max();

thread_local size_t allocationsLeft = kNever;

}  // namespace

// Replaces the standard library's operators in the whole program.

void* operator new(size_t size) {
    if (allocationsLeft != kNever) {
        if (allocationsLeft == 0) {
            allocationsLeft = kNever;
            throw std::bad_alloc{};
        }
        --allocationsLeft;
    }
    if (void* memory = std::malloc(size == 0 ? 1 : size)) {
        return memory;
    }
    throw std::bad_alloc{};
}

void operator delete(void* memory) noexcept { std::free(memory); }

void operator delete(void* memory, size_t /*size*/) noexcept { std::free(memory); }

namespace wsb::test {

AllocationFailure::AllocationFailure(size_t before) noexcept { allocationsLeft = before; }

AllocationFailure::~AllocationFailure() { allocationsLeft = kNever; }

bool AllocationFailure::HasHappened() const noexcept { return allocationsLeft == kNever; }

}  // namespace wsb::test
