#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wsb::win {

/// The end of a program's output.
class OutputTail {
  public:
    explicit OutputTail(size_t limitBytes) noexcept : m_limit(limitBytes) {}

    void Append(std::string_view bytes);

    /// Decodes the output as UTF-8 if it is valid, else in the console's code page (OEM), which
    /// older programs use.
    [[nodiscard]] std::wstring Text() const;

  private:
    const size_t m_limit;
    bool m_cut = false;
    std::string m_bytes;
};

}  // namespace wsb::win
