#pragma once

#include <windows.h>

#include <vss.h>

#include <vswriter.h>

#include <atomic>
#include <memory>

#include "express-document.hpp"

namespace wsb::lab {

/// Collects what the calls of an express writer say.
class ExpressMetadata final : public IVssCreateExpressWriterMetadata {
  public:
    /// @param document Shared with the express writer, which registers it.
    explicit ExpressMetadata(std::shared_ptr<ExpressDocument> document) noexcept
        : m_document(std::move(document)) {}

    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override;
    STDMETHODIMP_(ULONG) AddRef() noexcept override;
    STDMETHODIMP_(ULONG) Release() noexcept override;

    STDMETHODIMP AddExcludeFiles(LPCWSTR path, LPCWSTR filespec,
                                 boolean recursive) noexcept override;
    STDMETHODIMP AddComponent(VSS_COMPONENT_TYPE type, LPCWSTR logicalPath, LPCWSTR name,
                              LPCWSTR caption, const BYTE* icon, UINT iconSize,
                              boolean restoreMetadata, boolean notifyOnBackupComplete,
                              boolean selectable, boolean selectableForRestore,
                              DWORD flags) noexcept override;
    STDMETHODIMP AddFilesToFileGroup(LPCWSTR logicalPath, LPCWSTR name, LPCWSTR path,
                                     LPCWSTR filespec, boolean recursive, LPCWSTR alternatePath,
                                     DWORD backupTypeMask) noexcept override;
    STDMETHODIMP SetRestoreMethod(VSS_RESTOREMETHOD_ENUM method, LPCWSTR service,
                                  LPCWSTR userProcedure, VSS_WRITERRESTORE_ENUM writerRestore,
                                  boolean rebootRequired) noexcept override;
    STDMETHODIMP AddComponentDependency(LPCWSTR logicalPath, LPCWSTR name, VSS_ID onWriterId,
                                        LPCWSTR onLogicalPath, LPCWSTR onName) noexcept override;
    STDMETHODIMP SetBackupSchema(DWORD mask) noexcept override;
    STDMETHODIMP SaveAsXML(BSTR* xml) noexcept override;

  private:
    ~ExpressMetadata() = default;

    [[nodiscard]] ExpressComponent* Find(LPCWSTR logicalPath, LPCWSTR name) const;
    [[nodiscard]] ExpressComponent& RequireComponent(LPCWSTR logicalPath, LPCWSTR name) const;

    std::atomic<ULONG> m_references{1};
    const std::shared_ptr<ExpressDocument> m_document;
};

}  // namespace wsb::lab
