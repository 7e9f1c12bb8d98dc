#include "writer-plan.hpp"

#include <algorithm>

#include "../win/environment.hpp"
#include "../win/hresult.hpp"

namespace wsb::vss {
namespace {

LPCWSTR OrNull(const std::optional<std::wstring>& text) { return text ? text->c_str() : nullptr; }

bool IsDatabase(const PlannedComponent& component) {
    return !component.databaseFiles.empty() || !component.logFiles.empty();
}

void AddFiles(WriterMetadata& metadata, const PlannedComponent& component) {
    LPCWSTR const logicalPath = OrNull(component.logicalPath);
    LPCWSTR const name = component.name.c_str();
    for (const PlannedFiles& files : component.files) {
        win::ThrowIfFailed(metadata.AddFilesToFileGroup(
                               logicalPath, name, files.path.c_str(), files.filespec.c_str(),
                               files.recursive ? 1 : 0, OrNull(files.alternatePath), kEveryBackup),
                           "AddFilesToFileGroup");
    }
    for (const PlannedFiles& files : component.databaseFiles) {
        win::ThrowIfFailed(metadata.AddDatabaseFiles(logicalPath, name, files.path.c_str(),
                                                     files.filespec.c_str(), kEveryBackup),
                           "AddDatabaseFiles");
    }
    for (const PlannedFiles& files : component.logFiles) {
        win::ThrowIfFailed(metadata.AddDatabaseLogFiles(logicalPath, name, files.path.c_str(),
                                                        files.filespec.c_str(), kEveryBackup),
                           "AddDatabaseLogFiles");
    }
}

void AddComponent(WriterMetadata& metadata, const PlannedComponent& component) {
    win::ThrowIfFailed(metadata.AddComponent(
                           IsDatabase(component) ? kComponentDatabase : kComponentFileGroup,
                           OrNull(component.logicalPath), component.name.c_str(),
                           OrNull(component.caption), nullptr, 0, 0, 0,
                           component.selectable ? 1 : 0, component.selectableForRestore ? 1 : 0, 0),
                       "AddComponent");
    AddFiles(metadata, component);
}

void AddDependencies(WriterMetadata& metadata, const PlannedComponent& component) {
    for (const PlannedDependency& on : component.dependencies) {
        win::ThrowIfFailed(
            metadata.AddComponentDependency(OrNull(component.logicalPath), component.name.c_str(),
                                            on.writerId, OrNull(on.logicalPath), on.name.c_str()),
            "AddComponentDependency");
    }
}

}  // namespace

void Describe(const WriterPlan& plan, WriterMetadata& metadata) {
    const bool needsReboot = plan.restoreMethod == kRestoreAtReboot ||
                             plan.restoreMethod == kRestoreAtRebootIfCannotReplace;
    win::ThrowIfFailed(metadata.SetRestoreMethod(plan.restoreMethod, OrNull(plan.restoreService),
                                                 nullptr, kWriterRestoreNever, needsReboot ? 1 : 0),
                       "SetRestoreMethod");
    win::ThrowIfFailed(metadata.SetBackupSchema(plan.backupSchema), "SetBackupSchema");
    for (const PlannedComponent& component : plan.components) {
        AddComponent(metadata, component);
    }
    // After all components, because one may depend on a later one.
    for (const PlannedComponent& component : plan.components) {
        AddDependencies(metadata, component);
    }
    for (const PlannedFiles& files : plan.excluded) {
        win::ThrowIfFailed(metadata.AddExcludeFiles(files.path.c_str(), files.filespec.c_str(),
                                                    files.recursive ? 1 : 0),
                           "AddExcludeFiles");
    }
}

std::vector<std::wstring> FoldersOf(const WriterPlan& plan) {
    std::vector<std::wstring> folders;
    const auto add = [&](const std::vector<PlannedFiles>& sets) {
        for (const PlannedFiles& files : sets) {
            folders.push_back(win::ExpandVariables(
                files.alternatePath ? files.alternatePath->c_str() : files.path.c_str()));
        }
    };
    for (const PlannedComponent& component : plan.components) {
        add(component.files);
        add(component.databaseFiles);
        add(component.logFiles);
    }
    std::ranges::sort(folders);
    folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
    return folders;
}

}  // namespace wsb::vss
