#include "wsb-online.hpp"

#include <utility>

#include "hresult.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueModule = UniqueAny<HMODULE, ::FreeLibrary>;

using RegisterFunction = HRESULT(WINAPI*)(WSB_OB_REGISTRATION_INFO*);
using DeregisterFunction = HRESULT(WINAPI*)(GUID);
using UpdateStatusFunction = HRESULT(WINAPI*)(WSB_OB_STATUS_INFO*);

/// Calls the function `name` of WsbOnline.dll, and keeps the DLL loaded until the function returns.
template <typename Function, typename Argument>
void Call(const char* name, Argument argument) {
    // Only from the system folder: a DLL of that name elsewhere would run with our rights.
    const UniqueModule library{
        ::LoadLibraryExW(L"WsbOnline.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32)};
    if (!library) {
        ThrowLastError("LoadLibraryExW");
    }
    const auto function = reinterpret_cast<Function>(::GetProcAddress(library.get(), name));
    if (function == nullptr) {
        ThrowLastError("GetProcAddress");
    }
    ThrowIfFailed(function(argument), name);
}

/// Returns pointers into `entry`, which must outlive them.
std::vector<WSB_OB_STATUS_ENTRY_VALUE_TYPE_PAIR> ToPairs(CloudStatusEntry& entry) {
    std::vector<WSB_OB_STATUS_ENTRY_VALUE_TYPE_PAIR> pairs;
    for (CloudStatusValue& value : entry.values) {
        pairs.push_back({value.text.data(), value.type});
    }
    return pairs;
}

}  // namespace

void RegisterCloudProvider(CloudProvider provider) {
    WSB_OB_REGISTRATION_INFO info{provider.resourceDll.data(), provider.snapinId, provider.nameId,
                                  provider.iconId, provider.supportsRemoting};
    Call<RegisterFunction>("RegisterOnlineBackupWithWindowsServerBackup", &info);
}

void DeregisterCloudProvider(const GUID& snapinId) {
    Call<DeregisterFunction>("DeregisterOnlineBackupFromWindowsServerBackup", snapinId);
}

void UpdateCloudStatus(const GUID& snapinId, std::vector<CloudStatusEntry> entries) {
    std::vector<std::vector<WSB_OB_STATUS_ENTRY_VALUE_TYPE_PAIR>> pairs;
    std::vector<WSB_OB_STATUS_ENTRY> lines;
    for (CloudStatusEntry& entry : entries) {
        // Moving an inner vector later does not move its elements.
        auto& own = pairs.emplace_back(ToPairs(entry));
        lines.push_back({entry.iconId, entry.nameId, entry.valueId, static_cast<ULONG>(own.size()),
                         own.empty() ? nullptr : own.data()});
    }
    WSB_OB_STATUS_INFO info{snapinId, static_cast<DWORD>(lines.size()), lines.data()};
    Call<UpdateStatusFunction>("UpdateOBStatusInWindowsServerBackup", &info);
}

}  // namespace wsb::win
