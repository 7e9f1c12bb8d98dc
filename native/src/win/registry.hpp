#pragma once

#include <windows.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsb::win {

/// The names in a registry key.
struct RegistryKeyContent {
    std::vector<std::wstring> values;
    std::vector<std::wstring> subkeys;
};

/// A stored registry value.
struct RegistryValue {
    DWORD type;
    std::vector<uint8_t> data;
};

// Paths are below HKEY_LOCAL_MACHINE, always in the 64-bit view. Absence is a value; any other
// failure throws HresultError.
// https://learn.microsoft.com/windows/win32/winprog64/accessing-an-alternate-registry-view

/// Tells whether a key exists. The cost does not depend on the key's contents; `CLSID` contains
/// every class of the machine.
[[nodiscard]] bool HasRegistryKey(const std::wstring& path);

[[nodiscard]] std::optional<RegistryKeyContent> ReadRegistryKey(const std::wstring& path);
[[nodiscard]] std::optional<RegistryValue> ReadRegistryValue(const std::wstring& path,
                                                             const std::wstring& name);

/// Creates a key and its parents; false when it already existed.
bool CreateRegistryKey(const std::wstring& path);

/// Writes a value to an existing key.
void WriteRegistryValue(const std::wstring& path, const std::wstring& name,
                        const RegistryValue& value);

/// Writes an existing key to the disk.
void FlushRegistryKey(const std::wstring& path);

/// Deletes a value; false when the key or the value was absent.
bool DeleteRegistryValue(const std::wstring& path, const std::wstring& name);

/// Deletes a key that has no subkeys; false when it was absent.
bool DeleteRegistryKey(const std::wstring& path);

}  // namespace wsb::win
