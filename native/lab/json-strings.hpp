#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The lines that the lab's VSS programs read and write: a JSON array of strings each, in UTF-8.

namespace wsb::lab {

/// Reads a line; nothing when it is not an array of strings. A surrogate without its other half
/// becomes U+FFFD.
[[nodiscard]] std::optional<std::vector<std::string>> ParseStrings(std::string_view line);

/// Writes a line without its end.
[[nodiscard]] std::string FormatStrings(const std::vector<std::string>& strings);

}  // namespace wsb::lab
