#pragma once

#include <windows.h>

#include <oleauto.h>
#include <unknwn.h>

#include <cstddef>

// The binary interface between VSS and a full writer, as Microsoft's compiler lays it out on x64.
// Microsoft's vswriter.h defines a writer as a C++ class, which other compilers lay out
// differently: two slots for a virtual destructor, and another order of arguments for a returned
// structure. The declarations here have the same layout with every compiler. They name only what
// the shim calls. https://learn.microsoft.com/windows/win32/api/vswriter/

namespace wsb::vss {

// vss.h
inline constexpr DWORD kBackupTypeOther = 6;

// vswriter.h
inline constexpr int kUsageUserData = 3;
inline constexpr int kSourceTransactedDatabase = 1;
inline constexpr int kSourceOther = 3;
inline constexpr int kComponentDatabase = 1;
inline constexpr int kComponentFileGroup = 2;
inline constexpr int kLevelFrontEnd = 3;
inline constexpr int kNoAlternateWriter = 1;
inline constexpr int kWriterRestoreNever = 1;
inline constexpr int kRestoreAtReboot = 5;
inline constexpr int kRestoreAtRebootIfCannotReplace = 6;
inline constexpr DWORD kPostSnapshotFlag = 0x1;
inline constexpr DWORD kBackupEventsFlag = 0x2;
// Every backup contains every file, and takes it from the shadow copy (VSS_FSBT_…).
inline constexpr DWORD kEveryBackup = 0xF | 0xF00;

/// IVssComponent, up to the last method that the shim calls.
struct Component : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE GetLogicalPath(BSTR* path) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetComponentType(int* type) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetComponentName(BSTR* name) = 0;
};

/// IVssWriterComponents. It is not reference-counted; VSS keeps it during the event.
struct WriterComponents {
    virtual HRESULT STDMETHODCALLTYPE GetComponentCount(UINT* count) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetWriterInfo(GUID* instanceId, GUID* writerId) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetComponent(UINT index, Component** component) = 0;
};

/// IVssCreateWriterMetadata. It is not reference-counted; VSS keeps it during the event.
struct WriterMetadata {
    virtual HRESULT STDMETHODCALLTYPE AddIncludeFiles(LPCWSTR path, LPCWSTR filespec,
                                                      BYTE recursive, LPCWSTR alternatePath) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddExcludeFiles(LPCWSTR path, LPCWSTR filespec,
                                                      BYTE recursive) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddComponent(int type, LPCWSTR logicalPath, LPCWSTR name,
                                                   LPCWSTR caption, const BYTE* icon,
                                                   UINT iconBytes, BYTE restoreMetadata,
                                                   BYTE notifyOnBackupComplete, BYTE selectable,
                                                   BYTE selectableForRestore, DWORD flags) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddDatabaseFiles(LPCWSTR logicalPath, LPCWSTR name,
                                                       LPCWSTR path, LPCWSTR filespec,
                                                       DWORD backupTypes) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddDatabaseLogFiles(LPCWSTR logicalPath, LPCWSTR name,
                                                          LPCWSTR path, LPCWSTR filespec,
                                                          DWORD backupTypes) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddFilesToFileGroup(LPCWSTR logicalPath, LPCWSTR name,
                                                          LPCWSTR path, LPCWSTR filespec,
                                                          BYTE recursive, LPCWSTR alternatePath,
                                                          DWORD backupTypes) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetRestoreMethod(int method, LPCWSTR service,
                                                       LPCWSTR userProcedure, int writerRestore,
                                                       BYTE rebootRequired) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddAlternateLocationMapping(LPCWSTR path, LPCWSTR filespec,
                                                                  BYTE recursive,
                                                                  LPCWSTR destination) = 0;
    virtual HRESULT STDMETHODCALLTYPE AddComponentDependency(LPCWSTR logicalPath, LPCWSTR name,
                                                             GUID onWriterId, LPCWSTR onLogicalPath,
                                                             LPCWSTR onName) = 0;
    virtual HRESULT STDMETHODCALLTYPE SetBackupSchema(DWORD schema) = 0;
};

/// IVssWriterImpl. Its methods have no calling convention in vswriter.h, which makes no difference
/// on x64.
struct WriterImpl : IUnknown {
    virtual HRESULT STDMETHODCALLTYPE Initialize(GUID writerId, LPCWSTR name, LPCWSTR instanceName,
                                                 DWORD majorVersion, DWORD minorVersion, int usage,
                                                 int source, int level, DWORD timeoutMs,
                                                 int alternateWriter, BYTE throttlingOnly) = 0;
    virtual HRESULT STDMETHODCALLTYPE Subscribe(DWORD timeoutMs, DWORD events) = 0;
    virtual HRESULT STDMETHODCALLTYPE Unsubscribe() = 0;
    virtual void STDMETHODCALLTYPE Uninitialize() = 0;
    virtual LPCWSTR* STDMETHODCALLTYPE GetCurrentVolumeArray() = 0;
    virtual UINT STDMETHODCALLTYPE GetCurrentVolumeCount() = 0;
    virtual HRESULT STDMETHODCALLTYPE GetSnapshotDeviceName(LPCWSTR volume, LPCWSTR* device) = 0;
    /// Declared with the hidden pointer to its result, which Microsoft's compiler passes after the
    /// object and others before it.
    virtual GUID* STDMETHODCALLTYPE GetCurrentSnapshotSetId(GUID* result) = 0;
    virtual LONG STDMETHODCALLTYPE GetContext() = 0;
    virtual int STDMETHODCALLTYPE GetCurrentLevel() = 0;
    virtual BYTE STDMETHODCALLTYPE IsPathAffected(LPCWSTR path) = 0;
    virtual BYTE STDMETHODCALLTYPE IsBootableSystemStateBackedUp() = 0;
    virtual BYTE STDMETHODCALLTYPE AreComponentsSelected() = 0;
    virtual int STDMETHODCALLTYPE GetBackupType() = 0;
    virtual int STDMETHODCALLTYPE GetRestoreType() = 0;
    virtual HRESULT STDMETHODCALLTYPE SetWriterFailure(HRESULT failure) = 0;
    virtual BYTE STDMETHODCALLTYPE IsPartialFileSupportEnabled() = 0;
    virtual HRESULT STDMETHODCALLTYPE InstallAlternateWriter(GUID writerId, CLSID clsid) = 0;
    virtual void* STDMETHODCALLTYPE GetIdentityInformation() = 0;
    virtual HRESULT STDMETHODCALLTYPE SetWriterFailureEx(HRESULT failure,
                                                         HRESULT applicationFailure,
                                                         LPCWSTR message) = 0;
    virtual HRESULT STDMETHODCALLTYPE GetSessionId(GUID* id) = 0;
    virtual BYTE STDMETHODCALLTYPE IsWriterShuttingDown() = 0;
};

struct WriterVtable;

/// CVssWriterEx: what VSS calls. vswriter.h knows the two members.
struct Writer {
    const WriterVtable* vtable = nullptr;
    WriterImpl* impl = nullptr;
};

/// The virtual functions of CVssWriterEx in their order; all but the first return `bool`.
struct WriterVtable {
    void*(STDMETHODCALLTYPE* destroy)(Writer* self, UINT flags);
    bool(STDMETHODCALLTYPE* onIdentify)(Writer* self, WriterMetadata* metadata);
    bool(STDMETHODCALLTYPE* onPrepareBackup)(Writer* self, WriterComponents* components);
    bool(STDMETHODCALLTYPE* onPrepareSnapshot)(Writer* self);
    bool(STDMETHODCALLTYPE* onFreeze)(Writer* self);
    bool(STDMETHODCALLTYPE* onThaw)(Writer* self);
    bool(STDMETHODCALLTYPE* onAbort)(Writer* self);
    bool(STDMETHODCALLTYPE* onBackupComplete)(Writer* self, WriterComponents* components);
    bool(STDMETHODCALLTYPE* onBackupShutdown)(Writer* self, GUID snapshotSetId);
    bool(STDMETHODCALLTYPE* onPreRestore)(Writer* self, WriterComponents* components);
    bool(STDMETHODCALLTYPE* onPostRestore)(Writer* self, WriterComponents* components);
    bool(STDMETHODCALLTYPE* onPostSnapshot)(Writer* self, WriterComponents* components);
    bool(STDMETHODCALLTYPE* onBackOffIo)(Writer* self, LPWSTR volume, GUID snapshotId,
                                         GUID providerId);
    bool(STDMETHODCALLTYPE* onContinueIo)(Writer* self, LPWSTR volume, GUID snapshotId,
                                          GUID providerId);
    bool(STDMETHODCALLTYPE* onVssShutdown)(Writer* self);
    bool(STDMETHODCALLTYPE* onVssApplicationStartup)(Writer* self);
    bool(STDMETHODCALLTYPE* onIdentifyEx)(Writer* self, WriterMetadata* metadata);
};

#ifdef _WIN64
static_assert(sizeof(Writer) == 16 && offsetof(Writer, impl) == 8);
static_assert(sizeof(WriterVtable) == 17 * sizeof(void*));
#endif

/// CreateWriterEx of vssapi.dll.
using CreateWriterFunction = HRESULT(STDAPICALLTYPE*)(Writer* writer, WriterImpl** impl);

}  // namespace wsb::vss
