#pragma once

#include <utility>

namespace wsb::win {

/// The owner of a Windows handle or cookie, which it closes with `Close`; `Handle{}` means "none".
template <typename Handle, auto Close>
class UniqueAny {
  public:
    UniqueAny() noexcept = default;
    explicit UniqueAny(Handle handle) noexcept : m_handle(handle) {}
    ~UniqueAny() { reset(); }

    UniqueAny(UniqueAny&& other) noexcept : m_handle(std::exchange(other.m_handle, Handle{})) {}
    UniqueAny& operator=(UniqueAny&& other) noexcept {
        if (this != &other) {
            reset();
            m_handle = std::exchange(other.m_handle, Handle{});
        }
        return *this;
    }
    UniqueAny(const UniqueAny&) = delete;
    UniqueAny& operator=(const UniqueAny&) = delete;

    [[nodiscard]] Handle get() const noexcept { return m_handle; }
    explicit operator bool() const noexcept { return m_handle != Handle{}; }

    /// Transfers the open handle to the caller.
    [[nodiscard]] Handle release() noexcept { return std::exchange(m_handle, Handle{}); }

    void reset() noexcept {
        if (m_handle != Handle{}) {
            Close(std::exchange(m_handle, Handle{}));
        }
    }

    /// Closes the current handle and returns its address for an out-parameter.
    [[nodiscard]] Handle* put() noexcept {
        reset();
        return &m_handle;
    }

  private:
    Handle m_handle{};
};

}  // namespace wsb::win
