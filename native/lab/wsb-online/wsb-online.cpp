// Replaces WsbOnline.dll in tests of cloud backup providers: follows the reference of Windows
// Server Backup's DLL and records every field. The reference does not tell which function answers
// which code of wsbonlineerror.h; their texts suggest it.

#include <windows.h>

#include "mmc-keys.hpp"
#include "recorder.hpp"
#include "win/hresult.hpp"
#include "win/wsb-online.hpp"

namespace {

namespace lab = wsb::lab;
namespace win = wsb::win;

// wsbonlineerror.h
constexpr HRESULT kInvalidParameter = static_cast<HRESULT>(0x80850001);
constexpr HRESULT kAlreadyExists = static_cast<HRESULT>(0x80850002);
constexpr HRESULT kMismatch = static_cast<HRESULT>(0x80850003);

void Check(bool condition, HRESULT code, const char* what) {
    if (!condition) {
        throw win::HresultError{code, what};
    }
}

void CheckRegistered(const GUID& snapinId) {
    Check(!lab::IsOtherRegistered(snapinId), kMismatch, "m_guidSnapinId");
    Check(lab::IsRegistered(snapinId), HRESULT_FROM_WIN32(ERROR_NOT_FOUND), "m_guidSnapinId");
}

void CheckStatus(const win::WSB_OB_STATUS_INFO& info) {
    CheckRegistered(info.m_guidSnapinId);
    Check(info.m_cStatusEntry <= win::kMaxStatusEntries, kInvalidParameter, "m_cStatusEntry");
    for (DWORD index = 0; index < info.m_cStatusEntry; ++index) {
        Check(info.m_rgStatusEntry[index].m_cValueTypePair <= win::kMaxValueTypePairs,
              kInvalidParameter, "m_cValueTypePair");
    }
}

}  // namespace

extern "C" HRESULT WINAPI
RegisterOnlineBackupWithWindowsServerBackup(win::WSB_OB_REGISTRATION_INFO* info) try {
    Check(info != nullptr && info->m_wszResourceDLL != nullptr, E_POINTER, "info");
    Check(lab::IsParentRegistered(), HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND), "parent");
    Check(!lab::IsOtherRegistered(info->m_guidSnapinId), kAlreadyExists, "m_guidSnapinId");
    lab::WriteProviderKeys(*info);
    lab::RecordRegistration(*info);
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

extern "C" HRESULT WINAPI DeregisterOnlineBackupFromWindowsServerBackup(GUID snapinId) try {
    CheckRegistered(snapinId);
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
