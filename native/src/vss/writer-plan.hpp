#pragma once

#include <windows.h>

#include <optional>
#include <string>
#include <vector>

#include "vss-abi.hpp"

namespace wsb::vss {

struct PlannedFiles {
    std::wstring path;
    std::wstring filespec;
    bool recursive;
    std::optional<std::wstring> alternatePath;
};

struct PlannedDependency {
    GUID writerId;
    std::optional<std::wstring> logicalPath;
    std::wstring name;
};

/// A component: a database when it has database or log files, otherwise a file group.
struct PlannedComponent {
    std::wstring name;
    std::optional<std::wstring> logicalPath;
    std::optional<std::wstring> caption;
    bool selectable;
    bool selectableForRestore;
    std::vector<PlannedFiles> files;
    std::vector<PlannedFiles> databaseFiles;
    std::vector<PlannedFiles> logFiles;
    std::vector<PlannedDependency> dependencies;
};

/// What a writer reports at Identify; NativeWriterPlan of vss-writer.ts.
struct WriterPlan {
    std::vector<PlannedComponent> components;
    std::vector<PlannedFiles> excluded;
    int restoreMethod;
    std::optional<std::wstring> restoreService;
    DWORD backupSchema;
};

/// Fills in the metadata that VSS asks for. Any thread may call it at any time.
/// @exception win::HresultError VSS's own code with the method's name.
void Describe(const WriterPlan& plan, WriterMetadata& metadata);

/// Returns the plan's folders with their environment variables replaced, each once.
[[nodiscard]] std::vector<std::wstring> FoldersOf(const WriterPlan& plan);

}  // namespace wsb::vss
