#pragma once

#include <atomic>

#include "com/wsbapp.hpp"

namespace wsb::bench {

/// The peer add-in of the bench, only in C++: it shows the cost of COM alone.
///
/// It behaves like bench/addin.ts: it does nothing before and after a restore, but pauses for a
/// component named "slow:<milliseconds>"; it reverses the order of components; its check runs until
/// it is aborted.
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
