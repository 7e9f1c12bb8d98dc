#pragma once

#include <windows.h>

#include <cstddef>
#include <string>
#include <vector>

// The cloud backup provider functions of Windows Server Backup (Windows Server 2012 and later) and
// their structures, under the names of wsbonline.h.
// https://learn.microsoft.com/windows/win32/api/wsbonline/

namespace wsb::win {

// WSB_MAX_OB_STATUS_ENTRY and WSB_MAX_OB_STATUS_VALUE_TYPE_PAIR
inline constexpr DWORD kMaxStatusEntries = 5;
inline constexpr ULONG kMaxValueTypePairs = 5;

enum WSB_OB_STATUS_ENTRY_PAIR_TYPE : int {
    WSB_OB_ET_UNDEFINED = 0,
    WSB_OB_ET_STRING = 1,
    WSB_OB_ET_NUMBER = 2,
    WSB_OB_ET_DATETIME = 3,
    WSB_OB_ET_TIME = 4,
    WSB_OB_ET_SIZE = 5,
    WSB_OB_ET_MAX = 6,
};

struct WSB_OB_STATUS_ENTRY_VALUE_TYPE_PAIR {
    LPWSTR m_wszObStatusEntryPairValue;
    WSB_OB_STATUS_ENTRY_PAIR_TYPE m_ObStatusEntryPairType;
};

struct WSB_OB_STATUS_ENTRY {
    DWORD m_dwIcon;
    DWORD m_dwStatusEntryName;
    DWORD m_dwStatusEntryValue;
    ULONG m_cValueTypePair;
    WSB_OB_STATUS_ENTRY_VALUE_TYPE_PAIR* m_rgValueTypePair;
};

struct WSB_OB_STATUS_INFO {
    GUID m_guidSnapinId;
    DWORD m_cStatusEntry;
    WSB_OB_STATUS_ENTRY* m_rgStatusEntry;
};

struct WSB_OB_REGISTRATION_INFO {
    LPWSTR m_wszResourceDLL;
    GUID m_guidSnapinId;
    DWORD m_dwProviderName;
    DWORD m_dwProviderIcon;
    BOOLEAN m_bSupportsRemoting;
};

// The layout of wsbonline.h with 64-bit and 32-bit pointers.
inline constexpr size_t kPointer = sizeof(void*);
static_assert(kPointer == 8 || kPointer == 4);
static_assert(sizeof(WSB_OB_STATUS_ENTRY_PAIR_TYPE) == 4);
static_assert(offsetof(WSB_OB_STATUS_ENTRY_VALUE_TYPE_PAIR, m_ObStatusEntryPairType) == kPointer);
static_assert(sizeof(WSB_OB_STATUS_ENTRY_VALUE_TYPE_PAIR) == 2 * kPointer);
static_assert(offsetof(WSB_OB_STATUS_ENTRY, m_dwStatusEntryName) == 4);
static_assert(offsetof(WSB_OB_STATUS_ENTRY, m_dwStatusEntryValue) == 8);
static_assert(offsetof(WSB_OB_STATUS_ENTRY, m_cValueTypePair) == 12);
static_assert(offsetof(WSB_OB_STATUS_ENTRY, m_rgValueTypePair) == 16);
static_assert(sizeof(WSB_OB_STATUS_ENTRY) == 16 + kPointer);
static_assert(offsetof(WSB_OB_STATUS_INFO, m_cStatusEntry) == 16);
static_assert(offsetof(WSB_OB_STATUS_INFO, m_rgStatusEntry) == 16 + kPointer);
static_assert(sizeof(WSB_OB_STATUS_INFO) == 16 + 2 * kPointer);
static_assert(offsetof(WSB_OB_REGISTRATION_INFO, m_guidSnapinId) == kPointer);
static_assert(offsetof(WSB_OB_REGISTRATION_INFO, m_dwProviderName) == kPointer + 16);
static_assert(offsetof(WSB_OB_REGISTRATION_INFO, m_dwProviderIcon) == kPointer + 20);
static_assert(offsetof(WSB_OB_REGISTRATION_INFO, m_bSupportsRemoting) == kPointer + 24);
static_assert(sizeof(WSB_OB_REGISTRATION_INFO) == 24 + 2 * kPointer);

/// A cloud backup provider; the ids are resources of the DLL.
struct CloudProvider {
    std::wstring resourceDll;
    GUID snapinId;
    DWORD nameId;
    DWORD iconId;
    BOOLEAN supportsRemoting;
};

/// An insert of a status entry's value string.
struct CloudStatusValue {
    std::wstring text;
    WSB_OB_STATUS_ENTRY_PAIR_TYPE type;
};

/// A line of a provider's status.
struct CloudStatusEntry {
    DWORD iconId;
    DWORD nameId;
    DWORD valueId;
    std::vector<CloudStatusValue> values;
};

// Each function loads WsbOnline.dll from the system folder during its call and throws HresultError:
// ERROR_MOD_NOT_FOUND without the DLL, ERROR_PROC_NOT_FOUND without the function, else the
// function's own code. They may block: do not call them on the JavaScript thread.

void RegisterCloudProvider(CloudProvider provider);

void DeregisterCloudProvider(const GUID& snapinId);

void UpdateCloudStatus(const GUID& snapinId, std::vector<CloudStatusEntry> entries);

}  // namespace wsb::win
