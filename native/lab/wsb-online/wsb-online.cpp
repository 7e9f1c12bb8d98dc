// Replaces WsbOnline.dll in tests of cloud backup providers: follows the reference of Windows
// Server Backup's DLL and records every field. The error codes are its own, because the reference
// does not document any.

#include <windows.h>

#include "mmc-keys.hpp"
#include "recorder.hpp"
#include "win/hresult.hpp"
#include "win/wsb-online.hpp"

namespace {

namespace lab = wsb::lab;
namespace win = wsb::win;

void Check(bool condition, HRESULT code, const char* what) {
    if (!condition) {
        throw win::HresultError{code, what};
    }
}

void CheckStatus(const win::WSB_OB_STATUS_INFO& info) {
    Check(lab::IsRegistered(info.m_guidSnapinId), HRESULT_FROM_WIN32(ERROR_NOT_FOUND),
          "m_guidSnapinId");
    Check(info.m_cStatusEntry <= win::kMaxStatusEntries, E_INVALIDARG, "m_cStatusEntry");
    for (DWORD index = 0; index < info.m_cStatusEntry; ++index) {
        Check(info.m_rgStatusEntry[index].m_cValueTypePair <= win::kMaxValueTypePairs, E_INVALIDARG,
              "m_cValueTypePair");
    }
}

}  // namespace

extern "C" HRESULT WINAPI
RegisterOnlineBackupWithWindowsServerBackup(win::WSB_OB_REGISTRATION_INFO* info) try {
    Check(info != nullptr && info->m_wszResourceDLL != nullptr, E_POINTER, "info");
    Check(lab::IsParentRegistered(), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), "parent");
    Check(!lab::IsOtherRegistered(info->m_guidSnapinId), HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS),
          "m_guidSnapinId");
    lab::WriteProviderKeys(*info);
    lab::RecordRegistration(*info);
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

extern "C" HRESULT WINAPI DeregisterOnlineBackupFromWindowsServerBackup(GUID snapinId) try {
    Check(lab::IsRegistered(snapinId), HRESULT_FROM_WIN32(ERROR_NOT_FOUND), "snapinId");
    lab::RemoveProviderKeys(snapinId);
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

extern "C" HRESULT WINAPI UpdateOBStatusInWindowsServerBackup(win::WSB_OB_STATUS_INFO* info) try {
    Check(info != nullptr, E_POINTER, "info");
    CheckStatus(*info);
    lab::RecordStatus(*info);
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}
