#pragma once

#include <windows.h>

#include <oaidl.h>

#include <atomic>
#include <memory>

#include "../core/call-sink.hpp"
#include "server-lifetime.hpp"
#include "wsbapp.hpp"

namespace wsb::com {

/// The interfaces of an add-in. QueryInterface returns E_NOINTERFACE for any other.
struct AddinInterfaces {
    bool restore;
    bool backup;
};

/// The COM object of the add-in. Free-threaded and stateless.
class AddinObject final : public IWsbApplicationRestoreSupport,
                          public IWsbApplicationBackupSupport,
                          public ISupportErrorInfo {
  public:
    AddinObject(AddinInterfaces interfaces, std::shared_ptr<CallSink> sink, ServerUse use) noexcept;

    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override;
    STDMETHODIMP_(ULONG) AddRef() noexcept override;
    STDMETHODIMP_(ULONG) Release() noexcept override;

    STDMETHODIMP InterfaceSupportsErrorInfo(REFIID iid) noexcept override;

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
                                  IWsbApplicationAsync** ppAsync) noexcept override;

  private:
    ~AddinObject() = default;

    [[nodiscard]] Reply Dispatch(const Call& call, const IID& interfaceId);

    std::atomic<ULONG> m_references{1};
    const AddinInterfaces m_interfaces;
    const std::shared_ptr<CallSink> m_sink;
    const ServerUse m_use;
};

}  // namespace wsb::com
