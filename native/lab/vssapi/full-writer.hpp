#pragma once

#include <windows.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "../vss-pipe.hpp"
#include "backup-order.hpp"
#include "express-document.hpp"
#include "vss/vss-abi.hpp"
#include "writer-calls.hpp"

namespace wsb::lab {

struct SelectedComponent {
    std::wstring name;
    std::optional<std::wstring> logicalPath;
};

/// What a requester has said about its backup.
struct Backup {
    const void* owner = nullptr;  // its connection
    BackupState state = BackupState::kIdle;
    int type = 0;
    bool selectsComponents = false;
    std::vector<SelectedComponent> components;
    GUID setId{};
    std::vector<std::wstring> volumes;
};

/// VSS's side of a full writer: calls it as requesters in other processes ask, each on a thread of
/// its own in the multithreaded apartment, and enforces the documented rules.
class FullWriter final : public vss::WriterImpl {
  public:
    explicit FullWriter(WriterCalls calls) noexcept : m_calls(calls) {}
    FullWriter(const FullWriter&) = delete;
    FullWriter& operator=(const FullWriter&) = delete;

    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override;
    STDMETHODIMP_(ULONG) AddRef() noexcept override;
    STDMETHODIMP_(ULONG) Release() noexcept override;

    STDMETHODIMP Initialize(GUID writerId, LPCWSTR name, LPCWSTR instanceName, DWORD majorVersion,
                            DWORD minorVersion, int usage, int source, int level, DWORD timeoutMs,
                            int alternateWriter, BYTE throttlingOnly) noexcept override;
    STDMETHODIMP Subscribe(DWORD timeoutMs, DWORD events) noexcept override;
    STDMETHODIMP Unsubscribe() noexcept override;
    STDMETHODIMP_(void) Uninitialize() noexcept override {}
    STDMETHODIMP_(LPCWSTR*) GetCurrentVolumeArray() noexcept override;
    STDMETHODIMP_(UINT) GetCurrentVolumeCount() noexcept override;
    STDMETHODIMP GetSnapshotDeviceName(LPCWSTR volume, LPCWSTR* device) noexcept override;
    STDMETHODIMP_(GUID*) GetCurrentSnapshotSetId(GUID* result) noexcept override;
    STDMETHODIMP_(LONG) GetContext() noexcept override { return 0; }
    STDMETHODIMP_(int) GetCurrentLevel() noexcept override { return vss::kLevelFrontEnd; }
    STDMETHODIMP_(BYTE) IsPathAffected(LPCWSTR path) noexcept override;
    STDMETHODIMP_(BYTE) IsBootableSystemStateBackedUp() noexcept override { return 0; }
    STDMETHODIMP_(BYTE) AreComponentsSelected() noexcept override;
    STDMETHODIMP_(int) GetBackupType() noexcept override;
    STDMETHODIMP_(int) GetRestoreType() noexcept override { return 0; }
    STDMETHODIMP SetWriterFailure(HRESULT failure) noexcept override;
    STDMETHODIMP_(BYTE) IsPartialFileSupportEnabled() noexcept override { return 0; }
    STDMETHODIMP InstallAlternateWriter(GUID writerId, CLSID clsid) noexcept override;
    STDMETHODIMP_(void*) GetIdentityInformation() noexcept override { return nullptr; }
    STDMETHODIMP SetWriterFailureEx(HRESULT failure, HRESULT applicationFailure,
                                    LPCWSTR message) noexcept override;
    STDMETHODIMP GetSessionId(GUID* id) noexcept override;
    STDMETHODIMP_(BYTE) IsWriterShuttingDown() noexcept override { return 0; }

  private:
    ~FullWriter();

    /// A call of the writer, and the failure that it sets on the thread of the call.
    struct Call {
        HRESULT failure = S_OK;
        HRESULT applicationFailure = S_OK;
        std::wstring message;
    };
    static Call*& CurrentCall() noexcept;

    void Listen(UniqueHandle first) noexcept;
    void Serve(UniqueHandle pipe) noexcept;
    [[nodiscard]] Message Answer(const void* connection, const Message& request);
    [[nodiscard]] Message Identify();
    [[nodiscard]] bool Begin(const void* connection, const Message& request);
    [[nodiscard]] Message Run(const std::string& event);
    [[nodiscard]] bool Invoke(const std::string& event);
    void End(const std::string& event, bool succeeded);
    void Abandon(const void* connection);
    void WatchFreeze() noexcept;

    const WriterCalls m_calls;
    std::atomic<ULONG> m_references{1};
    ExpressDocument m_document{};
    DWORD m_timeoutMs = 0;
    std::wstring m_instance;

    std::mutex m_mutex;  // guards the members below; never held during a call of the writer
    std::condition_variable m_changed;
    bool m_isInitialized = false;
    bool m_isSubscribed = false;
    bool m_isCalling = false;  // an event other than Identify
    Backup m_backup;           // constant during a call
    std::vector<LPCWSTR> m_volumeArray;
    std::chrono::steady_clock::time_point m_freezeEnds;
    std::vector<HANDLE> m_pipes;
    std::vector<std::thread> m_threads;
};

}  // namespace wsb::lab
