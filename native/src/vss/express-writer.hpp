#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

// Express writers of VSS (Windows Server 2008 R2 and later): documents in Windows' own store,
// without a process.
// https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-ivssexpresswriter

namespace wsb::vss {

struct FileSet {
    std::wstring path;
    std::wstring filespec;
    bool recursive;
};

struct Dependency {
    GUID writerId;
    std::optional<std::wstring> logicalPath;
    std::wstring name;
};

/// A group of files, the only type of component that an express writer can have.
struct FileGroup {
    std::optional<std::wstring> logicalPath;
    std::wstring name;
    std::optional<std::wstring> caption;
    bool selectable;
    bool selectableForRestore;
    std::vector<FileSet> files;
    std::vector<Dependency> dependencies;
};

struct ExpressWriter {
    GUID id;
    std::wstring name;
    DWORD restoreMethod;  // VSS_RESTOREMETHOD_ENUM
    std::optional<std::wstring> restoreService;
    bool rebootRequired;
    DWORD backupSchema;  // VSS_BACKUP_SCHEMA
    std::vector<FileGroup> components;
    std::vector<FileSet> excluded;
};

// Each function loads vssapi.dll from the system folder during its call and throws HresultError:
// ERROR_MOD_NOT_FOUND without the DLL, ERROR_PROC_NOT_FOUND without the function,
// ERROR_NOT_SAFEBOOT_SERVICE when VSS hands out no object, else VSS's own code with the method's
// name. They may block: do not call them on the JavaScript thread.

/// Registers a writer, whose data is a user's and which takes no part in restores.
/// @exception HresultError VSS_E_OBJECT_ALREADY_EXISTS when Windows has a document of that id.
void RegisterExpressWriter(const ExpressWriter& writer);

/// Registers a writer by its metadata document, which names its id.
/// @exception HresultError VSS_E_OBJECT_ALREADY_EXISTS as above.
void RegisterExpressDocument(const std::wstring& document);

/// @exception HresultError VSS_E_OBJECT_NOT_FOUND when Windows has no document of that id.
void UnregisterExpressWriter(const GUID& id);

}  // namespace wsb::vss
