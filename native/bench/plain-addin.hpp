#pragma once

#include <atomic>

#include "com/wsbapp.hpp"

namespace wsb::bench {

/// The add-in that the bench compares with, in C++ alone: what COM itself costs, and nothing else.
///
/// It does what bench/addin.ts does: nothing before and after a restore, or a pause of so many
/// milliseconds for a component named "slow:<milliseconds>"; the components in reverse order; a
/// check that runs until it is aborted.
class PlainAddin final : public com::IWsbApplicationRestoreSupport,
                         public com::IWsbApplicationBackupSupport {
  public:
    PlainAddin() noexcept;

    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override;
    STDMETHODIMP_(ULONG) AddRef() noexcept override;
    STDMETHODIMP_(ULONG) Release() noexcept override;

    STDMETHODIMP PreRestore(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                            LPWSTR wszComponentLogicalPath,
                            BOOLEAN bNoRollForward) noexcept override;
    STDMETHODIMP PostRestore(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                             LPWSTR wszComponentLogicalPath,
                             BOOLEAN bNoRollForward) noexcept override;
    STDMETHODIMP OrderComponents(DWORD cComponents, LPWSTR* rgComponentName,
                                 LPWSTR* rgComponentLogicalPaths, LPWSTR** prgComponentName,
                                 LPWSTR** prgComponentLogicalPath) noexcept override;
    STDMETHODIMP IsRollForwardSupported(BOOLEAN* pbRollForwardSupported) noexcept override;
    STDMETHODIMP CheckConsistency(LPWSTR wszWriterMetadata, LPWSTR wszComponentName,
                                  LPWSTR wszComponentLogicalPath, DWORD cVolumes,
                                  LPWSTR* rgwszSourceVolumePath, LPWSTR* rgwszSnapshotVolumePath,
                                  com::IWsbApplicationAsync** ppAsync) noexcept override;

  private:
    ~PlainAddin();

    std::atomic<ULONG> m_references{1};
};

}  // namespace wsb::bench
