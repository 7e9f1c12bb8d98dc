#pragma once

#include <windows.h>

#include <string>

namespace wsb::lab {

/// In braces and upper case, as the registry has it.
[[nodiscard]] std::wstring ToText(const GUID& guid);

/// Writes REG_SZ into a key that exists.
void WriteText(const std::wstring& key, const std::wstring& name, const std::wstring& text);

/// Writes REG_DWORD into a key that exists.
void WriteNumber(const std::wstring& key, const std::wstring& name, DWORD number);

}  // namespace wsb::lab
