#include "registry.hpp"

#include "hresult.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueHkey = UniqueAny<HKEY, ::RegCloseKey>;

// The longest names in the registry, including the terminator.
// https://learn.microsoft.com/windows/win32/sysinfo/registry-element-size-limits
constexpr DWORD kMaxKeyName = 256;
constexpr DWORD kMaxValueName = 16384;
// The size of a value that a single call can read.
constexpr size_t kUsualValueSize = 512;

/// Opens a key; an empty handle when it does not exist.
UniqueHkey OpenKey(const std::wstring& path, REGSAM access) {
    UniqueHkey key;
    const LSTATUS status =
        ::RegOpenKeyExW(HKEY_LOCAL_MACHINE, path.c_str(), 0, access | KEY_WOW64_64KEY, key.put());
    if (status == ERROR_FILE_NOT_FOUND || status == ERROR_PATH_NOT_FOUND) {
        return {};
    }
    ThrowIfError(status, "RegOpenKeyExW");
    return key;
}

std::vector<std::wstring> ValueNames(HKEY key) {
    std::vector<std::wstring> names;
    std::wstring name(kMaxValueName, L'\0');
    for (DWORD index = 0;; ++index) {
        DWORD length = kMaxValueName;
        const LSTATUS status =
            ::RegEnumValueW(key, index, name.data(), &length, nullptr, nullptr, nullptr, nullptr);
        if (status == ERROR_NO_MORE_ITEMS) {
            return names;
        }
        ThrowIfError(status, "RegEnumValueW");
        names.emplace_back(name, 0, length);
    }
}

std::vector<std::wstring> SubkeyNames(HKEY key) {
    std::vector<std::wstring> names;
    std::wstring name(kMaxKeyName, L'\0');
    for (DWORD index = 0;; ++index) {
        DWORD length = kMaxKeyName;
        const LSTATUS status =
            ::RegEnumKeyExW(key, index, name.data(), &length, nullptr, nullptr, nullptr, nullptr);
        if (status == ERROR_NO_MORE_ITEMS) {
            return names;
        }
        ThrowIfError(status, "RegEnumKeyExW");
        names.emplace_back(name, 0, length);
    }
}

}  // namespace

bool HasRegistryKey(const std::wstring& path) { return static_cast<bool>(OpenKey(path, KEY_READ)); }

std::optional<RegistryKeyContent> ReadRegistryKey(const std::wstring& path) {
    const UniqueHkey key = OpenKey(path, KEY_READ);
    if (!key) {
        return std::nullopt;
    }
    return RegistryKeyContent{ValueNames(key.get()), SubkeyNames(key.get())};
}

std::optional<RegistryValue> ReadRegistryValue(const std::wstring& path, const std::wstring& name) {
    const UniqueHkey key = OpenKey(path, KEY_QUERY_VALUE);
    if (!key) {
        return std::nullopt;
    }
    RegistryValue value{0, std::vector<uint8_t>(kUsualValueSize)};
    // A longer value reports its size, and may grow again before the next call.
    for (LSTATUS status = ERROR_MORE_DATA; status == ERROR_MORE_DATA;) {
        auto size = static_cast<DWORD>(value.data.size());
        status = ::RegQueryValueExW(key.get(), name.c_str(), nullptr, &value.type,
                                    value.data.data(), &size);
        if (status == ERROR_FILE_NOT_FOUND) {
            return std::nullopt;
        }
        if (status != ERROR_MORE_DATA) {
            ThrowIfError(status, "RegQueryValueExW");
        }
        value.data.resize(size);
    }
    return value;
}

bool CreateRegistryKey(const std::wstring& path) {
    UniqueHkey key;
    DWORD disposition = 0;
    ThrowIfError(::RegCreateKeyExW(HKEY_LOCAL_MACHINE, path.c_str(), 0, nullptr,
                                   REG_OPTION_NON_VOLATILE, KEY_READ | KEY_WOW64_64KEY,
                                   nullptr,  // security: inherited from the parent
                                   key.put(), &disposition),
                 "RegCreateKeyExW");
    return disposition == REG_CREATED_NEW_KEY;
}

void WriteRegistryValue(const std::wstring& path, const std::wstring& name,
                        const RegistryValue& value) {
    const UniqueHkey key = OpenKey(path, KEY_SET_VALUE);
    if (!key) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), "RegOpenKeyExW"};
    }
    if (value.data.size() > MAXDWORD) {
        throw HresultError{E_INVALIDARG, "RegSetValueExW"};
    }
    ThrowIfError(::RegSetValueExW(key.get(), name.c_str(), 0, value.type, value.data.data(),
                                  static_cast<DWORD>(value.data.size())),
                 "RegSetValueExW");
}

void FlushRegistryKey(const std::wstring& path) {
    const UniqueHkey key = OpenKey(path, KEY_QUERY_VALUE);
    if (!key) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), "RegOpenKeyExW"};
    }
    ThrowIfError(::RegFlushKey(key.get()), "RegFlushKey");
}

bool DeleteRegistryValue(const std::wstring& path, const std::wstring& name) {
    const UniqueHkey key = OpenKey(path, KEY_SET_VALUE);
    if (!key) {
        return false;
    }
    const LSTATUS status = ::RegDeleteValueW(key.get(), name.c_str());
    if (status == ERROR_FILE_NOT_FOUND) {
        return false;
    }
    ThrowIfError(status, "RegDeleteValueW");
    return true;
}

bool DeleteRegistryKey(const std::wstring& path) {
    const LSTATUS status = ::RegDeleteKeyExW(HKEY_LOCAL_MACHINE, path.c_str(), KEY_WOW64_64KEY, 0);
    if (status == ERROR_FILE_NOT_FOUND || status == ERROR_PATH_NOT_FOUND) {
        return false;
    }
    ThrowIfError(status, "RegDeleteKeyExW");
    return true;
}

}  // namespace wsb::win
