#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsb::win {

/// The end of what a program writes.
class OutputTail {
  public:
    explicit OutputTail(size_t limitBytes) noexcept : m_limit(limitBytes) {}

    void Append(std::string_view bytes);

    /// As UTF-8 if it is that, otherwise in the console's code page (OEM), as older programs write.
    [[nodiscard]] std::wstring Text() const;

  private:
    const size_t m_limit;
    bool m_cut = false;
    std::string m_bytes;
};

}  // namespace wsb::win
