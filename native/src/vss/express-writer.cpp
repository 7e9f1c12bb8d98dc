#include "express-writer.hpp"

#include <vss.h>
#include <wrl/client.h>

#include <vswriter.h>

#include "../com/server.hpp"
#include "../win/hresult.hpp"
#include "../win/unique-any.hpp"

namespace wsb::vss {
namespace {

using Microsoft::WRL::ComPtr;
using UniqueModule = win::UniqueAny<HMODULE, ::FreeLibrary>;
using CreateFunction = HRESULT(STDAPICALLTYPE*)(IVssExpressWriter**);

constexpr char kCreate[] = "CreateVssExpressWriterInternal";

/// VSS for express writers. The DLL outlives its object.
class Vss {
  public:
    Vss() {
        // Only from the system folder: a DLL of that name elsewhere would run with our rights.
        *m_library.put() = ::LoadLibraryExW(L"vssapi.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32);
        if (!m_library) {
            win::ThrowLastError("LoadLibraryExW");
        }
        const auto create = reinterpret_cast<CreateFunction>(
            reinterpret_cast<void*>(::GetProcAddress(m_library.get(), kCreate)));
        if (create == nullptr) {
            win::ThrowLastError("GetProcAddress");
        }
        win::ThrowIfFailed(create(m_writer.GetAddressOf()), kCreate);
        // In safe mode, VSS can succeed without an object.
        if (m_writer == nullptr) {
            throw win::HresultError{HRESULT_FROM_WIN32(ERROR_NOT_SAFEBOOT_SERVICE), kCreate};
        }
    }

    [[nodiscard]] IVssExpressWriter* operator->() const noexcept { return m_writer.Get(); }

    /// Begins a document. `Unregister` needs one too.
    [[nodiscard]] ComPtr<IVssCreateExpressWriterMetadata> CreateMetadata(
        const GUID& id, const std::wstring& name) const {
        ComPtr<IVssCreateExpressWriterMetadata> metadata;
        win::ThrowIfFailed(m_writer->CreateMetadata(id, name.c_str(), VSS_UT_USERDATA, 0, 0, 0,
                                                    metadata.GetAddressOf()),
                           "CreateMetadata");
        return metadata;
    }

  private:
    const com::MtaUsage m_mta{com::EnterMta()};
    UniqueModule m_library;
    ComPtr<IVssExpressWriter> m_writer;
};

LPCWSTR OrNull(const std::optional<std::wstring>& text) { return text ? text->c_str() : nullptr; }

void AddFiles(IVssCreateExpressWriterMetadata& metadata, const FileGroup& component) {
    for (const FileSet& files : component.files) {
        // Every kind of backup contains every file, always from the shadow copy: a backup program
        // may run a kind that an express writer does not know.
        constexpr DWORD kEvery = VSS_FSBT_ALL_BACKUP_REQUIRED | VSS_FSBT_ALL_SNAPSHOT_REQUIRED;
        win::ThrowIfFailed(
            metadata.AddFilesToFileGroup(OrNull(component.logicalPath), component.name.c_str(),
                                         files.path.c_str(), files.filespec.c_str(),
                                         files.recursive, nullptr, kEvery),
            "AddFilesToFileGroup");
    }
}

void AddComponents(IVssCreateExpressWriterMetadata& metadata,
                   const std::vector<FileGroup>& components) {
    for (const FileGroup& component : components) {
        win::ThrowIfFailed(metadata.AddComponent(VSS_CT_FILEGROUP, OrNull(component.logicalPath),
                                                 component.name.c_str(), OrNull(component.caption),
                                                 nullptr, 0, false, false, component.selectable,
                                                 component.selectableForRestore, 0),
                           "AddComponent");
        AddFiles(metadata, component);
    }
}

// After all components, because one may depend on a later one.
void AddDependencies(IVssCreateExpressWriterMetadata& metadata,
                     const std::vector<FileGroup>& components) {
    for (const FileGroup& component : components) {
        for (const Dependency& on : component.dependencies) {
            win::ThrowIfFailed(metadata.AddComponentDependency(
                                   OrNull(component.logicalPath), component.name.c_str(),
                                   on.writerId, OrNull(on.logicalPath), on.name.c_str()),
                               "AddComponentDependency");
        }
    }
}

void AddExcluded(IVssCreateExpressWriterMetadata& metadata, const std::vector<FileSet>& excluded) {
    for (const FileSet& files : excluded) {
        win::ThrowIfFailed(
            metadata.AddExcludeFiles(files.path.c_str(), files.filespec.c_str(), files.recursive),
            "AddExcludeFiles");
    }
}

}  // namespace

void RegisterExpressWriter(const ExpressWriter& writer) {
    const Vss vss;
    const auto metadata = vss.CreateMetadata(writer.id, writer.name);
    win::ThrowIfFailed(
        metadata->SetRestoreMethod(static_cast<VSS_RESTOREMETHOD_ENUM>(writer.restoreMethod),
                                   OrNull(writer.restoreService), nullptr, VSS_WRE_NEVER,
                                   writer.rebootRequired),
        "SetRestoreMethod");
    AddComponents(*metadata.Get(), writer.components);
    AddDependencies(*metadata.Get(), writer.components);
    AddExcluded(*metadata.Get(), writer.excluded);
    win::ThrowIfFailed(metadata->SetBackupSchema(writer.backupSchema), "SetBackupSchema");
    win::ThrowIfFailed(vss->Register(), "Register");
}

void RegisterExpressDocument(const std::wstring& document) {
    const Vss vss;
    win::ThrowIfFailed(vss->LoadMetadata(document.c_str(), 0), "LoadMetadata");
    win::ThrowIfFailed(vss->Register(), "Register");
}

void UnregisterExpressWriter(const GUID& id) {
    const Vss vss;
    // The reference asks for a document first. It is never registered.
    const auto metadata = vss.CreateMetadata(id, L"wsb-addin");
    win::ThrowIfFailed(vss->Unregister(id), "Unregister");
}

}  // namespace wsb::vss
