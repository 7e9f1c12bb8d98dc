#pragma once

#include <windows.h>

#include <string>

namespace wsb::win {

/// Returns a SID as text: S-1-…
[[nodiscard]] std::wstring SidText(PSID sid);

}  // namespace wsb::win
