#pragma once

#include "express-document.hpp"
#include "vss/vss-abi.hpp"

namespace wsb::lab {

/// Collects what a full writer says at Identify.
class FullMetadata final : public vss::WriterMetadata {
  public:
    explicit FullMetadata(ExpressDocument document) : m_document(std::move(document)) {}

    [[nodiscard]] const ExpressDocument& Document() const noexcept { return m_document; }

    STDMETHODIMP AddIncludeFiles(LPCWSTR path, LPCWSTR filespec, BYTE recursive,
                                 LPCWSTR alternatePath) noexcept override;
    STDMETHODIMP AddExcludeFiles(LPCWSTR path, LPCWSTR filespec, BYTE recursive) noexcept override;
    STDMETHODIMP AddComponent(int type, LPCWSTR logicalPath, LPCWSTR name, LPCWSTR caption,
                              const BYTE* icon, UINT iconBytes, BYTE restoreMetadata,
                              BYTE notifyOnBackupComplete, BYTE selectable,
                              BYTE selectableForRestore, DWORD flags) noexcept override;
    STDMETHODIMP AddDatabaseFiles(LPCWSTR logicalPath, LPCWSTR name, LPCWSTR path, LPCWSTR filespec,
                                  DWORD backupTypes) noexcept override;
    STDMETHODIMP AddDatabaseLogFiles(LPCWSTR logicalPath, LPCWSTR name, LPCWSTR path,
                                     LPCWSTR filespec, DWORD backupTypes) noexcept override;
    STDMETHODIMP AddFilesToFileGroup(LPCWSTR logicalPath, LPCWSTR name, LPCWSTR path,
                                     LPCWSTR filespec, BYTE recursive, LPCWSTR alternatePath,
                                     DWORD backupTypes) noexcept override;
    STDMETHODIMP SetRestoreMethod(int method, LPCWSTR service, LPCWSTR userProcedure,
                                  int writerRestore, BYTE rebootRequired) noexcept override;
    STDMETHODIMP AddAlternateLocationMapping(LPCWSTR path, LPCWSTR filespec, BYTE recursive,
                                             LPCWSTR destination) noexcept override;
    STDMETHODIMP AddComponentDependency(LPCWSTR logicalPath, LPCWSTR name, GUID onWriterId,
                                        LPCWSTR onLogicalPath, LPCWSTR onName) noexcept override;
    STDMETHODIMP SetBackupSchema(DWORD schema) noexcept override;

  private:
    [[nodiscard]] ExpressComponent* Find(LPCWSTR logicalPath, LPCWSTR name);
    [[nodiscard]] ExpressComponent& Require(LPCWSTR logicalPath, LPCWSTR name, bool isDatabase);

    ExpressDocument m_document;
};

}  // namespace wsb::lab
