#include "values.hpp"

#include <objbase.h>

#include <cstdint>

#include "win/registry.hpp"

namespace wsb::lab {
namespace {

void Write(const std::wstring& key, const std::wstring& name, DWORD type, const void* data,
           size_t sizeBytes) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    win::WriteRegistryValue(key, name, {type, {bytes, bytes + sizeBytes}});
}

}  // namespace

std::wstring ToText(const GUID& guid) {
    wchar_t text[39] = {};
    ::StringFromGUID2(guid, text, static_cast<int>(ARRAYSIZE(text)));
    return text;
}

void WriteText(const std::wstring& key, const std::wstring& name, const std::wstring& text) {
    Write(key, name, REG_SZ, text.c_str(), (text.size() + 1) * sizeof(wchar_t));
}

void WriteNumber(const std::wstring& key, const std::wstring& name, DWORD number) {
    Write(key, name, REG_DWORD, &number, sizeof number);
}

}  // namespace wsb::lab
