#include "recorder.hpp"

#include <string>

#include "values.hpp"
#include "win/registry.hpp"

namespace wsb::lab {
namespace {

const std::wstring kRecord = L"SOFTWARE\\wsb-addin-lab\\WsbOnline";

std::wstring Below(const std::wstring& key, ULONG index) {
    return key + L"\\" + std::to_wstring(index);
}

void DeleteTree(const std::wstring& key) {
    const auto content = win::ReadRegistryKey(key);
    if (!content) {
        return;
    }
    for (const std::wstring& subkey : content->subkeys) {
        DeleteTree(std::wstring{key}.append(L"\\").append(subkey));
    }
    win::DeleteRegistryKey(key);
}

void RecordPair(const std::wstring& key, const win::WSB_OB_STATUS_ENTRY_VALUE_TYPE_PAIR& pair) {
    win::CreateRegistryKey(key);
    WriteText(key, L"Value", pair.m_wszObStatusEntryPairValue);
    WriteNumber(key, L"Type", static_cast<DWORD>(pair.m_ObStatusEntryPairType));
}

void RecordEntry(const std::wstring& key, const win::WSB_OB_STATUS_ENTRY& entry) {
    win::CreateRegistryKey(key);
    WriteNumber(key, L"Icon", entry.m_dwIcon);
    WriteNumber(key, L"StatusEntryName", entry.m_dwStatusEntryName);
    WriteNumber(key, L"StatusEntryValue", entry.m_dwStatusEntryValue);
    for (ULONG index = 0; index < entry.m_cValueTypePair; ++index) {
        RecordPair(Below(key, index), entry.m_rgValueTypePair[index]);
    }
}

}  // namespace

void RecordRegistration(const win::WSB_OB_REGISTRATION_INFO& info) {
    const std::wstring key = kRecord + L"\\Registration";
    win::CreateRegistryKey(key);
    WriteText(key, L"ResourceDLL", info.m_wszResourceDLL);
    WriteText(key, L"SnapinId", ToText(info.m_guidSnapinId));
    WriteNumber(key, L"ProviderName", info.m_dwProviderName);
    WriteNumber(key, L"ProviderIcon", info.m_dwProviderIcon);
    WriteNumber(key, L"SupportsRemoting", info.m_bSupportsRemoting);
}

void RecordStatus(const win::WSB_OB_STATUS_INFO& info) {
    const std::wstring key = kRecord + L"\\Status";
    DeleteTree(key);
    win::CreateRegistryKey(key);
    WriteText(key, L"SnapinId", ToText(info.m_guidSnapinId));
    for (DWORD index = 0; index < info.m_cStatusEntry; ++index) {
        RecordEntry(Below(key, index), info.m_rgStatusEntry[index]);
    }
}

}  // namespace wsb::lab
