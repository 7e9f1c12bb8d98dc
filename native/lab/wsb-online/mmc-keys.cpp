#include "mmc-keys.hpp"

#include <algorithm>

#include "values.hpp"
#include "win/registry.hpp"
#include "win/unique-any.hpp"

namespace wsb::lab {
namespace {

// The parent's ids are our own: the ids of Windows Server Backup's snap-in are not documented.
const std::wstring kSnapIns = L"SOFTWARE\\Microsoft\\MMC\\SnapIns\\";
const std::wstring kParent = kSnapIns + L"{5B0F7A52-1C0E-4C3D-9D55-6E3C6F2B9A01}";
const std::wstring kNodeType = L"{5B0F7A52-1C0E-4C3D-9D55-6E3C6F2B9A02}";
const std::wstring kExtensions =
    L"SOFTWARE\\Microsoft\\MMC\\NodeTypes\\" + kNodeType + L"\\Extensions\\NameSpace";

std::wstring ReadName(const win::WSB_OB_REGISTRATION_INFO& info) {
    const win::UniqueAny<HMODULE, ::FreeLibrary> resources{
        ::LoadLibraryExW(info.m_wszResourceDLL, nullptr, LOAD_LIBRARY_AS_DATAFILE)};
    wchar_t name[256] = {};
    const int length = resources ? ::LoadStringW(resources.get(), info.m_dwProviderName, name,
                                                 static_cast<int>(ARRAYSIZE(name)))
                                 : 0;
    return {name, static_cast<size_t>(length)};
}

}  // namespace

bool IsParentRegistered() {
    return win::ReadRegistryValue(kParent + L"\\NodeTypes", kNodeType).has_value();
}

bool IsRegistered(const GUID& snapinId) {
    return win::ReadRegistryValue(kExtensions, ToText(snapinId)).has_value();
}

bool IsOtherRegistered(const GUID& snapinId) {
    const auto extensions = win::ReadRegistryKey(kExtensions);
    return extensions && std::ranges::any_of(extensions->values, [&](const std::wstring& name) {
               return name != ToText(snapinId);
           });
}

void WriteProviderKeys(const win::WSB_OB_REGISTRATION_INFO& info) {
    const std::wstring id = ToText(info.m_guidSnapinId);
    const std::wstring name = ReadName(info);
    win::CreateRegistryKey(kSnapIns + id);
    WriteText(kSnapIns + id, L"NameString", name);
    win::CreateRegistryKey(kExtensions);
    WriteText(kExtensions, id, name);
}

void RemoveProviderKeys(const GUID& snapinId) {
    const std::wstring id = ToText(snapinId);
    win::DeleteRegistryValue(kExtensions, id);
    win::DeleteRegistryKey(kSnapIns + id);
}

}  // namespace wsb::lab
