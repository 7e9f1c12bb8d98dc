#pragma once

#include <string>
#include <vector>

namespace wsb::lab {

/// Returns this process's arguments without the program's name.
[[nodiscard]] std::vector<std::wstring> ProcessArguments();

}  // namespace wsb::lab
