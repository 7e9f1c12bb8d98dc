#pragma once

#include <string>

namespace wsb::win {

/// Replaces the variables of a text such as `%ProgramData%\Contoso` by this process's.
[[nodiscard]] std::wstring ExpandVariables(const wchar_t* text);

}  // namespace wsb::win
