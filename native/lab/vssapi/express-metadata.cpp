#include "express-metadata.hpp"

#include <oleauto.h>
#include <vsserror.h>

#include <algorithm>
#include <string>

#include "express-rules.hpp"
#include "faults.hpp"
#include "win/hresult.hpp"

namespace wsb::lab {
namespace {

std::optional<std::wstring> Optional(LPCWSTR text) {
    return text == nullptr ? std::nullopt : std::optional<std::wstring>{text};
}

}  // namespace

STDMETHODIMP ExpressMetadata::QueryInterface(REFIID iid, void** result) noexcept {
    if (result == nullptr) {
        return E_POINTER;
    }
    *result = nullptr;
    if (iid != IID_IUnknown && iid != __uuidof(IVssCreateExpressWriterMetadata)) {
        return E_NOINTERFACE;
    }
    *result = static_cast<IVssCreateExpressWriterMetadata*>(this);
    AddRef();
    return S_OK;
}

STDMETHODIMP_(ULONG) ExpressMetadata::AddRef() noexcept { return ++m_references; }

STDMETHODIMP_(ULONG) ExpressMetadata::Release() noexcept {
    const ULONG left = --m_references;
    if (left == 0) {
        delete this;
    }
    return left;
}

ExpressComponent* ExpressMetadata::Find(LPCWSTR logicalPath, LPCWSTR name) const {
    const auto found = std::ranges::find_if(m_document->components, [&](const auto& component) {
        return component.name == name &&
               component.logicalPath.value_or(L"") == Optional(logicalPath).value_or(L"");
    });
    return found == m_document->components.end() ? nullptr : &*found;
}

ExpressComponent& ExpressMetadata::RequireComponent(LPCWSTR logicalPath, LPCWSTR name) const {
    RequireComponentName(name);
    ExpressComponent* const component = Find(logicalPath, name);
    if (component == nullptr) {
        throw win::HresultError{VSS_E_OBJECT_NOT_FOUND, "component"};
    }
    return *component;
}

STDMETHODIMP ExpressMetadata::AddExcludeFiles(LPCWSTR path, LPCWSTR filespec,
                                              boolean recursive) noexcept try {
    PlayFault(L"AddExcludeFiles", "AddExcludeFiles");
    RequireFolder(path);
    RequireFilespec(filespec);
    m_document->excluded.push_back({path, filespec, recursive != 0, 0});
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP ExpressMetadata::AddComponent(VSS_COMPONENT_TYPE type, LPCWSTR logicalPath,
                                           LPCWSTR name, LPCWSTR caption, const BYTE* icon,
                                           UINT iconSize, boolean restoreMetadata,
                                           boolean notifyOnBackupComplete, boolean selectable,
                                           boolean selectableForRestore, DWORD flags) noexcept try {
    PlayFault(L"AddComponent", "AddComponent");
    Require(type == VSS_CT_FILEGROUP, "ct");
    RequireComponentName(name);
    Require(icon != nullptr || iconSize == 0, "cbIcon");
    Require(restoreMetadata == 0 && notifyOnBackupComplete == 0, "bRestoreMetadata");
    Require((flags & (VSS_CF_BACKUP_RECOVERY | VSS_CF_APP_ROLLBACK_RECOVERY)) == 0,
            "dwComponentFlags");
    if (Find(logicalPath, name) != nullptr) {
        throw win::HresultError{VSS_E_OBJECT_ALREADY_EXISTS, "AddComponent"};
    }
    m_document->components.push_back({Optional(logicalPath),
                                      name,
                                      Optional(caption),
                                      selectable != 0,
                                      selectableForRestore != 0,
                                      flags,
                                      {},
                                      {}});
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP ExpressMetadata::AddFilesToFileGroup(LPCWSTR logicalPath, LPCWSTR name, LPCWSTR path,
                                                  LPCWSTR filespec, boolean recursive,
                                                  LPCWSTR alternatePath,
                                                  DWORD backupTypeMask) noexcept try {
    PlayFault(L"AddFilesToFileGroup", "AddFilesToFileGroup");
    ExpressComponent& component = RequireComponent(logicalPath, name);
    RequireFolder(path);
    RequireFilespec(filespec);
    Require(alternatePath == nullptr, "wszAlternateLocation");
    RequireBackupTypes(backupTypeMask);
    component.files.push_back({path, filespec, recursive != 0, backupTypeMask});
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP ExpressMetadata::SetRestoreMethod(VSS_RESTOREMETHOD_ENUM method, LPCWSTR service,
                                               LPCWSTR userProcedure,
                                               VSS_WRITERRESTORE_ENUM writerRestore,
                                               boolean rebootRequired) noexcept try {
    PlayFault(L"SetRestoreMethod", "SetRestoreMethod");
    const wchar_t* const methodName = RequireMethod(method);
    Require(StopsService(method) == (service != nullptr), "wszService");
    Require(userProcedure == nullptr, "wszUserProcedure");
    Require(writerRestore == VSS_WRE_NEVER, "writerRestore");
    m_document->restoreMethod =
        ExpressRestoreMethod{methodName, Optional(service), rebootRequired != 0};
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP ExpressMetadata::AddComponentDependency(LPCWSTR logicalPath, LPCWSTR name,
                                                     VSS_ID onWriterId, LPCWSTR onLogicalPath,
                                                     LPCWSTR onName) noexcept try {
    PlayFault(L"AddComponentDependency", "AddComponentDependency");
    ExpressComponent& component = RequireComponent(logicalPath, name);
    Require(onWriterId != GUID_NULL, "onWriterId");
    RequireComponentName(onName);
    component.dependencies.push_back({onWriterId, Optional(onLogicalPath), onName});
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP ExpressMetadata::SetBackupSchema(DWORD mask) noexcept try {
    PlayFault(L"SetBackupSchema", "SetBackupSchema");
    RequireSchema(mask);
    m_document->schema = mask;
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP ExpressMetadata::SaveAsXML(BSTR* xml) noexcept try {
    if (xml == nullptr) {
        return E_INVALIDARG;
    }
    *xml = nullptr;
    PlayFault(L"SaveAsXML", "SaveAsXML");
    const std::wstring text = ToXml(*m_document);
    *xml = ::SysAllocStringLen(text.data(), static_cast<UINT>(text.size()));
    return *xml == nullptr ? E_OUTOFMEMORY : S_OK;
} catch (...) {
    return win::CaughtHresult();
}

}  // namespace wsb::lab
