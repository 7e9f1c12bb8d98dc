#include "full-metadata.hpp"

#include <vsserror.h>

#include <algorithm>
#include <string>

#include "express-rules.hpp"
#include "win/hresult.hpp"

namespace wsb::lab {
namespace {

std::optional<std::wstring> Optional(LPCWSTR text) {
    return text == nullptr ? std::nullopt : std::optional<std::wstring>{text};
}

ExpressFiles ToFiles(LPCWSTR path, LPCWSTR filespec, BYTE recursive, DWORD backupTypes) {
    RequireFolder(path);
    RequireFilespec(filespec);
    return {path, filespec, recursive != 0, backupTypes};
}

}  // namespace

ExpressComponent* FullMetadata::Find(LPCWSTR logicalPath, LPCWSTR name) {
    const auto found = std::ranges::find_if(m_document.components, [&](const auto& component) {
        return component.name == name &&
               component.logicalPath.value_or(L"") == Optional(logicalPath).value_or(L"");
    });
    return found == m_document.components.end() ? nullptr : &*found;
}

ExpressComponent& FullMetadata::Require(LPCWSTR logicalPath, LPCWSTR name, bool isDatabase) {
    RequireComponentName(name);
    ExpressComponent* const component = Find(logicalPath, name);
    if (component == nullptr || component->isDatabase != isDatabase) {
        throw win::HresultError{VSS_E_OBJECT_NOT_FOUND, "component"};
    }
    return *component;
}

STDMETHODIMP FullMetadata::AddIncludeFiles(LPCWSTR /*path*/, LPCWSTR /*filespec*/,
                                           BYTE /*recursive*/, LPCWSTR /*alternate*/) noexcept {
    return E_NOTIMPL;
}

STDMETHODIMP FullMetadata::AddExcludeFiles(LPCWSTR path, LPCWSTR filespec, BYTE recursive) noexcept
    try {
    m_document.excluded.push_back(ToFiles(path, filespec, recursive, 0));
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullMetadata::AddComponent(int type, LPCWSTR logicalPath, LPCWSTR name,
                                        LPCWSTR caption, const BYTE* icon, UINT iconBytes,
                                        BYTE restoreMetadata, BYTE notifyOnBackupComplete,
                                        BYTE selectable, BYTE selectableForRestore,
                                        DWORD flags) noexcept try {
    RequireComponentName(name);
    lab::Require(type == vss::kComponentDatabase || type == vss::kComponentFileGroup, "ct");
    lab::Require(icon != nullptr || iconBytes == 0, "cbIcon");
    lab::Require(restoreMetadata == 0 && notifyOnBackupComplete == 0, "bRestoreMetadata");
    if (Find(logicalPath, name) != nullptr) {
        return VSS_E_OBJECT_ALREADY_EXISTS;
    }
    ExpressComponent component{Optional(logicalPath),
                               name,
                               Optional(caption),
                               selectable != 0,
                               selectableForRestore != 0,
                               flags,
                               {},
                               {}};
    component.isDatabase = type == vss::kComponentDatabase;
    m_document.components.push_back(std::move(component));
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullMetadata::AddDatabaseFiles(LPCWSTR logicalPath, LPCWSTR name, LPCWSTR path,
                                            LPCWSTR filespec, DWORD backupTypes) noexcept try {
    Require(logicalPath, name, true).files.push_back(ToFiles(path, filespec, 0, backupTypes));
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullMetadata::AddDatabaseLogFiles(LPCWSTR logicalPath, LPCWSTR name, LPCWSTR path,
                                               LPCWSTR filespec, DWORD backupTypes) noexcept try {
    Require(logicalPath, name, true).logFiles.push_back(ToFiles(path, filespec, 0, backupTypes));
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullMetadata::AddFilesToFileGroup(LPCWSTR logicalPath, LPCWSTR name, LPCWSTR path,
                                               LPCWSTR filespec, BYTE recursive,
                                               LPCWSTR alternatePath, DWORD backupTypes) noexcept
    try {
    ExpressFiles files = ToFiles(path, filespec, recursive, backupTypes);
    if (alternatePath != nullptr) {
        RequireFolder(alternatePath);
        files.alternatePath = alternatePath;
    }
    Require(logicalPath, name, false).files.push_back(std::move(files));
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullMetadata::SetRestoreMethod(int method, LPCWSTR service, LPCWSTR userProcedure,
                                            int writerRestore, BYTE rebootRequired) noexcept try {
    const auto restoreMethod = static_cast<VSS_RESTOREMETHOD_ENUM>(method);
    const wchar_t* const name = RequireMethod(restoreMethod);
    lab::Require(StopsService(restoreMethod) == (service != nullptr), "wszService");
    lab::Require(userProcedure == nullptr, "wszUserProcedure");
    // The kit's own rule: its writers take no part in restores.
    lab::Require(writerRestore == VSS_WRE_NEVER, "writerRestore");
    m_document.restoreMethod = ExpressRestoreMethod{name, Optional(service), rebootRequired != 0};
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullMetadata::AddAlternateLocationMapping(LPCWSTR /*path*/, LPCWSTR /*filespec*/,
                                                       BYTE /*recursive*/,
                                                       LPCWSTR /*destination*/) noexcept {
    return E_NOTIMPL;
}

STDMETHODIMP FullMetadata::AddComponentDependency(LPCWSTR logicalPath, LPCWSTR name,
                                                  GUID onWriterId, LPCWSTR onLogicalPath,
                                                  LPCWSTR onName) noexcept try {
    RequireComponentName(name);
    RequireComponentName(onName);
    ExpressComponent* const component = Find(logicalPath, name);
    if (component == nullptr) {
        return VSS_E_OBJECT_NOT_FOUND;
    }
    component->dependencies.push_back({onWriterId, Optional(onLogicalPath), onName});
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullMetadata::SetBackupSchema(DWORD schema) noexcept {
    m_document.schema = schema;
    return S_OK;
}

}  // namespace wsb::lab
