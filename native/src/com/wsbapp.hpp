#pragma once

#include <windows.h>

#include <unknwn.h>

// The three interfaces of Windows Server Backup's extension API in C++, so that a build with MSVC
// does not need an IDL step. A test compares this header with idl/wsbapp.idl.
// https://learn.microsoft.com/windows/win32/api/wsbapp/

namespace wsb::com {

inline constexpr GUID kIidApplicationAsync = {
    0x0843f6f7, 0x895c, 0x44a6, {0xb0, 0xc2, 0x05, 0xa5, 0x02, 0x2a, 0xa3, 0xa1}};
inline constexpr GUID kIidApplicationBackupSupport = {
    0x1eff3510, 0x4a27, 0x46ad, {0xb9, 0xe0, 0x08, 0x33, 0x2f, 0x0f, 0x4f, 0x6d}};
inline constexpr GUID kIidApplicationRestoreSupport = {
    0x8d3bdb38, 0x4ee8, 0x4718, {0x85, 0xf9, 0xc7, 0xdb, 0xc4, 0xab, 0x77, 0xaa}};

// wsbapperror.h
inline constexpr auto kPreRestoreFailed = static_cast<HRESULT>(0x807A0002);
inline constexpr auto kPostRestoreFailed = static_cast<HRESULT>(0x807A0003);

// [range] of wsbapp.h
inline constexpr DWORD kMaxVolumes = 1000;
inline constexpr DWORD kMaxComponents = 10000;

struct IWsbApplicationAsync : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE QueryStatus(HRESULT* phrResult) = 0;
    virtual HRESULT STDMETHODCALLTYPE Abort() = 0;
};

struct IWsbApplicationBackupSupport : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE
    CheckConsistency(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                     LPWSTR wszComponentLogicalPath, DWORD cVolumes, LPWSTR* rgwszSourceVolumePath,
                     LPWSTR* rgwszSnapshotVolumePath, IWsbApplicationAsync** ppAsync) = 0;
};

struct IWsbApplicationRestoreSupport : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE PreRestore(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                                                 LPWSTR wszComponentLogicalPath,
                                                 BOOLEAN bNoRollForward) = 0;
    virtual HRESULT STDMETHODCALLTYPE PostRestore(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                                                  LPWSTR wszComponentLogicalPath,
                                                  BOOLEAN bNoRollForward) = 0;
    virtual HRESULT STDMETHODCALLTYPE OrderComponents(DWORD cComponents, LPWSTR* rgComponentName,
                                                      LPWSTR* rgComponentLogicalPaths,
                                                      LPWSTR** prgComponentName,
                                                      LPWSTR** prgComponentLogicalPath) = 0;
    virtual HRESULT STDMETHODCALLTYPE IsRollForwardSupported(BOOLEAN* pbRollForwardSupported) = 0;
};

}  // namespace wsb::com
