#pragma once

#include <windows.h>

#include <string>

namespace wsb::lab {

/// Formats a GUID in braces and upper case, as in the registry.
[[nodiscard]] std::wstring ToText(const GUID& guid);

/// Writes a REG_SZ value to an existing key.
void WriteText(const std::wstring& key, const std::wstring& name, const std::wstring& text);

/// Writes a REG_DWORD value to an existing key.
void WriteNumber(const std::wstring& key, const std::wstring& name, DWORD number);

}  // namespace wsb::lab
