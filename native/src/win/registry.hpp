#pragma once

#include <windows.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wsb::win {

/// Names below a registry key.
struct RegistryKeyContent {
    std::vector<std::wstring> values;
    std::vector<std::wstring> subkeys;
};

/// A registry value as stored.
struct RegistryValue {
    DWORD type;
    std::vector<uint8_t> data;
};

// Paths are below HKEY_LOCAL_MACHINE, always in the 64-bit view. Absence is a value; everything
// else that fails throws HresultError.
// https://learn.microsoft.com/windows/win32/winprog64/accessing-an-alternate-registry-view

/// Costs the same whatever is below the key, and every class of the machine is below `CLSID`.
[[nodiscard]] bool HasRegistryKey(const std::wstring& path);

[[nodiscard]] std::optional<RegistryKeyContent> ReadRegistryKey(const std::wstring& path);
[[nodiscard]] std::optional<RegistryValue> ReadRegistryValue(const std::wstring& path,
                                                             const std::wstring& name);

/// Creates the key with its parents; false when it was there.
bool CreateRegistryKey(const std::wstring& path);

/// Writes into a key that exists.
void WriteRegistryValue(const std::wstring& path, const std::wstring& name,
                        const RegistryValue& value);

/// False when key or value was absent.
bool DeleteRegistryValue(const std::wstring& path, const std::wstring& name);

/// Deletes a key without subkeys; false when it was absent.
bool DeleteRegistryKey(const std::wstring& path);

}  // namespace wsb::win
