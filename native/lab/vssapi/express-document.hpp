#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

// What the calls of a writer have said, and the metadata document that it makes.
// https://learn.microsoft.com/windows/win32/vss/overview-of-the-writer-metadata-document

namespace wsb::lab {

struct ExpressFiles {
    std::wstring path;
    std::wstring filespec;
    bool recursive;
    DWORD backupTypeMask;
    std::optional<std::wstring> alternatePath = std::nullopt;  // of a full writer
};

struct ExpressDependency {
    GUID writerId;
    std::optional<std::wstring> logicalPath;
    std::wstring componentName;
};

struct ExpressComponent {
    std::optional<std::wstring> logicalPath;
    std::wstring name;
    std::optional<std::wstring> caption;
    bool selectable;
    bool selectableForRestore;
    DWORD flags;
    std::vector<ExpressFiles> files;
    std::vector<ExpressDependency> dependencies;
    // Only a full writer has databases.
    bool isDatabase = false;
    std::vector<ExpressFiles> logFiles = {};
};

struct ExpressRestoreMethod {
    const wchar_t* name;
    std::optional<std::wstring> service;
    bool rebootRequired;
};

struct ExpressDocument {
    GUID writerId;
    std::wstring name;
    const wchar_t* usage;
    DWORD versionMajor;
    DWORD versionMinor;
    DWORD schema;
    std::optional<ExpressRestoreMethod> restoreMethod;
    std::vector<ExpressComponent> components;
    std::vector<ExpressFiles> excluded;
    const wchar_t* dataSource = L"OTHER";
};

/// Returns the document as text without a byte order mark.
[[nodiscard]] std::wstring ToXml(const ExpressDocument& document);

/// Returns the id of the writer in a document; nothing when it is not a well-formed metadata
/// document that names one.
[[nodiscard]] std::optional<GUID> WriterIdOf(const std::wstring& xml);

/// Formats a GUID as documents do: lower case, without braces.
[[nodiscard]] std::wstring PlainGuid(const GUID& guid);

}  // namespace wsb::lab
