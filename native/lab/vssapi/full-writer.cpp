// The full writers of VSS, as their reference describes them: the lab's stand-in for vssapi.dll.
// https://learn.microsoft.com/windows/win32/vss/writers

#include "full-writer.hpp"

#include <objbase.h>
#include <vss.h>
#include <vsserror.h>
#include <wrl/client.h>

#include <algorithm>
#include <cwctype>
#include <string>
#include <utility>

#include "../vss-pipe.hpp"
#include "faults.hpp"
#include "full-metadata.hpp"
#include "win/hresult.hpp"
#include "win/registry.hpp"

namespace wsb::lab {
namespace {

using Clock = std::chrono::steady_clock;

// Of VSS, when Initialize is called with 0.
constexpr DWORD kFreezeTimeoutMs = 60'000;

constexpr wchar_t kNull[] = L"-";

std::string Narrow(const std::wstring& text) { return {text.begin(), text.end()}; }

std::wstring Number(HRESULT number) { return std::to_wstring(static_cast<uint32_t>(number)); }

/// An answer about an event: its outcome, VSS's HRESULT, the application's, and its message.
Message Outcome(const wchar_t* kind, HRESULT hresult, HRESULT application = S_OK,
                const std::wstring& message = {}) {
    return {kind, Number(hresult), Number(application), message,
            std::to_wstring(::GetCurrentThreadId())};
}

std::wstring Lower(std::wstring text) {
    std::ranges::transform(text, text.begin(),
                           [](wchar_t unit) { return static_cast<wchar_t>(std::towlower(unit)); });
    return text;
}

/// The components of a backup, in the interfaces of VSS.
class Components final : public vss::WriterComponents {
  public:
    explicit Components(std::vector<SelectedComponent> components)
        : m_components(std::move(components)) {}

    STDMETHODIMP GetComponentCount(UINT* count) noexcept override {
        *count = static_cast<UINT>(m_components.size());
        return S_OK;
    }
    STDMETHODIMP GetWriterInfo(GUID* /*instance*/, GUID* /*writer*/) noexcept override {
        return E_NOTIMPL;
    }
    STDMETHODIMP GetComponent(UINT index, vss::Component** component) noexcept override;

  private:
    const std::vector<SelectedComponent> m_components;
};

class OneComponent final : public vss::Component {
  public:
    explicit OneComponent(SelectedComponent component) : m_component(std::move(component)) {}

    STDMETHODIMP QueryInterface(REFIID /*iid*/, void** /*result*/) noexcept override {
        return E_NOINTERFACE;
    }
    STDMETHODIMP_(ULONG) AddRef() noexcept override { return ++m_references; }
    STDMETHODIMP_(ULONG) Release() noexcept override {
        const ULONG left = --m_references;
        if (left == 0) {
            delete this;
        }
        return left;
    }
    STDMETHODIMP GetLogicalPath(BSTR* path) noexcept override {
        if (!m_component.logicalPath) {
            *path = nullptr;
            return S_FALSE;
        }
        *path = ::SysAllocString(m_component.logicalPath->c_str());
        return S_OK;
    }
    STDMETHODIMP GetComponentType(int* type) noexcept override {
        *type = vss::kComponentFileGroup;
        return S_OK;
    }
    STDMETHODIMP GetComponentName(BSTR* name) noexcept override {
        *name = ::SysAllocString(m_component.name.c_str());
        return S_OK;
    }

  private:
    ~OneComponent() = default;

    std::atomic<ULONG> m_references{1};
    const SelectedComponent m_component;
};

STDMETHODIMP Components::GetComponent(UINT index, vss::Component** component) noexcept try {
    *component = nullptr;
    if (index >= m_components.size()) {
        return VSS_E_OBJECT_NOT_FOUND;
    }
    *component = new OneComponent{m_components[index]};
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

/// Puts a volatile key with one value per fact about a writer: it is gone after a restart.
void AnnounceInstance(const std::wstring& instance, const ExpressDocument& document) {
    win::CreateRegistryKey(kVssWriters);
    HKEY key = nullptr;
    const std::wstring path = std::wstring{kVssWriters} + L"\\" + instance;
    win::ThrowIfError(
        ::RegCreateKeyExW(HKEY_LOCAL_MACHINE, path.c_str(), 0, nullptr, REG_OPTION_VOLATILE,
                          KEY_SET_VALUE | KEY_WOW64_64KEY, nullptr, &key, nullptr),
        "RegCreateKeyExW");
    const win::UniqueAny<HKEY, ::RegCloseKey> owned{key};
    const auto set = [&](const wchar_t* name, const std::wstring& value) {
        ::RegSetValueExW(key, name, 0, REG_SZ, reinterpret_cast<const BYTE*>(value.c_str()),
                         static_cast<DWORD>((value.size() + 1) * sizeof(wchar_t)));
    };
    set(L"WriterId", PlainGuid(document.writerId));
    set(L"Name", document.name);
    set(L"ProcessId", std::to_wstring(::GetCurrentProcessId()));
}

UniqueHandle CreatePipeEnd(const std::wstring& instance) {
    UniqueHandle pipe{::CreateNamedPipeW(
        PipePath(instance).c_str(), PIPE_ACCESS_DUPLEX,
        PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT | PIPE_REJECT_REMOTE_CLIENTS,
        PIPE_UNLIMITED_INSTANCES, 0, 0, 0, nullptr)};
    if (pipe.get() == INVALID_HANDLE_VALUE) {
        static_cast<void>(pipe.release());
        win::ThrowLastError("CreateNamedPipeW");
    }
    return pipe;
}

}  // namespace

FullWriter::~FullWriter() { static_cast<void>(Unsubscribe()); }

STDMETHODIMP FullWriter::QueryInterface(REFIID iid, void** result) noexcept {
    if (result == nullptr) {
        return E_POINTER;
    }
    *result = nullptr;
    if (iid != IID_IUnknown) {
        return E_NOINTERFACE;
    }
    *result = static_cast<vss::WriterImpl*>(this);
    AddRef();
    return S_OK;
}

STDMETHODIMP_(ULONG) FullWriter::AddRef() noexcept { return ++m_references; }

STDMETHODIMP_(ULONG) FullWriter::Release() noexcept {
    const ULONG left = --m_references;
    if (left == 0) {
        delete this;
    }
    return left;
}

STDMETHODIMP FullWriter::Initialize(GUID writerId, LPCWSTR name, LPCWSTR /*instanceName*/,
                                    DWORD majorVersion, DWORD minorVersion, int usage, int source,
                                    int /*level*/, DWORD timeoutMs, int /*alternateWriter*/,
                                    BYTE /*throttlingOnly*/) noexcept try {
    PlayFault(L"Initialize", "Initialize");
    if (name == nullptr || writerId == GUID{} || usage != vss::kUsageUserData) {
        return E_INVALIDARG;
    }
    const std::scoped_lock lock{m_mutex};
    if (m_isInitialized) {
        return VSS_E_BAD_STATE;
    }
    m_isInitialized = true;
    m_timeoutMs = timeoutMs == 0 ? kFreezeTimeoutMs : timeoutMs;
    m_document.writerId = writerId;
    m_document.name = name;
    m_document.usage = L"USER_DATA";
    m_document.versionMajor = majorVersion;
    m_document.versionMinor = minorVersion;
    m_document.schema = 0;
    m_document.dataSource = source == vss::kSourceTransactedDatabase ? L"TRANSACTION_DB" : L"OTHER";
    GUID instance{};
    win::ThrowIfFailed(::CoCreateGuid(&instance), "CoCreateGuid");
    m_instance = PlainGuid(instance);
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullWriter::Subscribe(DWORD /*timeoutMs*/, DWORD events) noexcept try {
    PlayFault(L"Subscribe", "Subscribe");
    if ((events & vss::kBackupEventsFlag) == 0) {
        return E_INVALIDARG;
    }
    const std::scoped_lock lock{m_mutex};
    if (!m_isInitialized || m_isSubscribed) {
        return VSS_E_BAD_STATE;
    }
    m_isSubscribed = true;
    m_threads.emplace_back([this] { WatchFreeze(); });
    // The first end of the pipe exists before anybody reads of it.
    m_threads.emplace_back(
        [this, first = CreatePipeEnd(m_instance).release()] { Listen(UniqueHandle{first}); });
    AnnounceInstance(m_instance, m_document);
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullWriter::Unsubscribe() noexcept try {
    PlayFault(L"Unsubscribe", "Unsubscribe");
    std::vector<std::thread> threads;
    {
        const std::scoped_lock lock{m_mutex};
        if (!m_isSubscribed) {
            return VSS_E_BAD_STATE;
        }
        m_isSubscribed = false;
        threads.swap(m_threads);
        for (const HANDLE pipe : m_pipes) {
            ::CancelIoEx(pipe, nullptr);
            ::DisconnectNamedPipe(pipe);
        }
    }
    m_changed.notify_all();
    // Wakes the listener.
    const UniqueHandle wake{::CreateFileW(PipePath(m_instance).c_str(), GENERIC_READ, 0, nullptr,
                                          OPEN_EXISTING, 0, nullptr)};
    win::DeleteRegistryKey(std::wstring{kVssWriters} + L"\\" + m_instance);
    // As in VSS: it returns when no call runs any more.
    for (std::thread& thread : threads) {
        thread.join();
    }
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

/// The listener's thread: a connection for each requester, on a thread of its own.
void FullWriter::Listen(UniqueHandle first) noexcept {
    std::vector<std::thread> connections;
    UniqueHandle pipe = std::move(first);
    try {
        while (true) {
            const bool isConnected = ::ConnectNamedPipe(pipe.get(), nullptr) != FALSE ||
                                     ::GetLastError() == ERROR_PIPE_CONNECTED;
            {
                const std::scoped_lock lock{m_mutex};
                if (!m_isSubscribed) {
                    break;
                }
                if (isConnected) {
                    m_pipes.push_back(pipe.get());
                }
            }
            if (isConnected) {
                connections.emplace_back(
                    [this, end = pipe.release()] { Serve(UniqueHandle{end}); });
            }
            pipe = CreatePipeEnd(m_instance);
        }
    } catch (...) {
        // Nobody finds this writer any more.
    }
    for (std::thread& connection : connections) {
        connection.join();
    }
}

void FullWriter::Serve(UniqueHandle pipe) noexcept {
    static_cast<void>(::CoInitializeEx(nullptr, COINIT_MULTITHREADED));
    try {
        while (const auto request = Receive(pipe.get())) {
            if (!Send(pipe.get(), Answer(pipe.get(), *request))) {
                break;
            }
        }
        Abandon(pipe.get());
    } catch (...) {
        // Out of memory: the requester sees that the writer has gone.
    }
    {
        const std::scoped_lock lock{m_mutex};
        std::erase(m_pipes, pipe.get());
    }
    ::CoUninitialize();
}

Message FullWriter::Answer(const void* connection, const Message& request) try {
    if (request.empty()) {
        return Outcome(L"refused", E_INVALIDARG);
    }
    const std::string event = Narrow(request[0]);
    if (event == "identify") {
        return Identify();
    }
    if (!Begin(connection, request)) {
        return Outcome(L"refused", VSS_E_BAD_STATE);
    }
    return Run(event);
} catch (...) {
    return Outcome(L"refused", win::CaughtHresult());
}

Message FullWriter::Identify() {
    FullMetadata metadata{m_document};
    Call call;
    CurrentCall() = &call;
    const bool succeeded = m_calls.table->identify(m_calls.writer, &metadata) != 0;
    CurrentCall() = nullptr;
    Message answer = Outcome(succeeded ? L"done" : L"failed", call.failure, call.applicationFailure,
                             call.message);
    answer.push_back(succeeded ? ToXml(metadata.Document()) : std::wstring{});
    return answer;
}

/// Takes the step of an event and what the requester says with it; false when it must not come now.
bool FullWriter::Begin(const void* connection, const Message& request) {
    const std::string event = Narrow(request[0]);
    const std::scoped_lock lock{m_mutex};
    const auto next = NextState(m_backup.state, event);
    const bool isOwner = m_backup.state == BackupState::kIdle || m_backup.owner == connection;
    if (!next || !isOwner || m_isCalling) {
        return false;
    }
    if (event == "prepareBackup") {
        m_backup = {};
        m_backup.owner = connection;
        m_backup.type = std::stoi(request.at(1));
        m_backup.selectsComponents = request.at(2) == L"1";
        for (size_t index = 3; index + 1 < request.size(); index += 2) {
            const std::wstring& path = request[index + 1];
            m_backup.components.push_back(
                {request[index], path == kNull ? std::nullopt : std::optional{path.substr(1)}});
        }
    }
    if (event == "prepareSnapshot") {
        win::ThrowIfFailed(::IIDFromString(request.at(1).c_str(), &m_backup.setId),
                           "IIDFromString");
        m_backup.volumes.assign(request.begin() + 2, request.end());
        m_volumeArray.clear();
        for (const std::wstring& volume : m_backup.volumes) {
            m_volumeArray.push_back(volume.c_str());
        }
    }
    m_isCalling = true;
    m_backup.state = *next;
    return true;
}

/// Calls the writer, after Begin, on the calling thread.
Message FullWriter::Run(const std::string& event) {
    Call call;
    CurrentCall() = &call;
    const bool succeeded = Invoke(event);
    CurrentCall() = nullptr;
    End(event, succeeded);
    if (succeeded) {
        return Outcome(L"done", S_OK);
    }
    // A veto without a code is a failure that comes again.
    const HRESULT failure = call.failure == S_OK ? VSS_E_WRITERERROR_NONRETRYABLE : call.failure;
    return Outcome(L"failed", failure, call.applicationFailure, call.message);
}

bool FullWriter::Invoke(const std::string& event) {
    const WriterCallTable& table = *m_calls.table;
    void* const writer = m_calls.writer;
    Components components{m_backup.components};
    const GUID setId = m_backup.setId;
    if (event == "prepareBackup") {
        return table.prepareBackup(writer, &components) != 0;
    }
    if (event == "prepareSnapshot") {
        return table.prepareSnapshot(writer) != 0;
    }
    if (event == "freeze") {
        return table.freeze(writer) != 0;
    }
    if (event == "thaw") {
        return table.thaw(writer) != 0;
    }
    if (event == "abort") {
        return table.abort(writer) != 0;
    }
    if (event == "postSnapshot") {
        return table.postSnapshot(writer, &components) != 0;
    }
    if (event == "backupComplete") {
        return table.backupComplete(writer, &components) != 0;
    }
    return table.backupShutdown(writer, &setId) != 0;
}

void FullWriter::End(const std::string& event, bool succeeded) {
    {
        const std::scoped_lock lock{m_mutex};
        m_isCalling = false;
        if (!succeeded && event != "abort" && event != "backupShutdown") {
            m_backup.state = BackupState::kFailed;
        }
        if (m_backup.state == BackupState::kFrozen) {
            m_freezeEnds = Clock::now() + std::chrono::milliseconds{m_timeoutMs};
        }
    }
    m_changed.notify_all();
}

/// Ends the backup of a requester that has gone without ending it.
void FullWriter::Abandon(const void* connection) {
    for (const wchar_t* const event : {L"abort", L"backupShutdown"}) {
        {
            const std::scoped_lock lock{m_mutex};
            // A writer that unsubscribes is not called any more.
            if (!m_isSubscribed || m_backup.owner != connection) {
                return;
            }
        }
        static_cast<void>(Answer(connection, {event}));
    }
}

/// The thread of VSS's own limit between freeze and thaw.
void FullWriter::WatchFreeze() noexcept {
    static_cast<void>(::CoInitializeEx(nullptr, COINIT_MULTITHREADED));
    std::unique_lock lock{m_mutex};
    while (m_isSubscribed) {
        if (m_backup.state != BackupState::kFrozen || m_isCalling) {
            m_changed.wait(lock);
            continue;
        }
        if (m_changed.wait_until(lock, m_freezeEnds) == std::cv_status::no_timeout ||
            m_backup.state != BackupState::kFrozen || m_isCalling) {
            continue;
        }
        m_isCalling = true;
        m_backup.state = BackupState::kAborted;
        lock.unlock();
        try {
            static_cast<void>(Run("abort"));
        } catch (...) {
            // Out of memory: the writer's own timer thaws.
        }
        lock.lock();
    }
    lock.unlock();
    ::CoUninitialize();
}

FullWriter::Call*& FullWriter::CurrentCall() noexcept {
    static thread_local Call* call = nullptr;
    return call;
}

STDMETHODIMP_(LPCWSTR*) FullWriter::GetCurrentVolumeArray() noexcept {
    return CurrentCall() == nullptr ? nullptr : m_volumeArray.data();
}

STDMETHODIMP_(UINT) FullWriter::GetCurrentVolumeCount() noexcept {
    return CurrentCall() == nullptr ? 0 : static_cast<UINT>(m_volumeArray.size());
}

STDMETHODIMP FullWriter::GetSnapshotDeviceName(LPCWSTR /*volume*/, LPCWSTR* device) noexcept {
    *device = nullptr;
    return E_NOTIMPL;
}

STDMETHODIMP_(GUID*) FullWriter::GetCurrentSnapshotSetId(GUID* result) noexcept {
    *result = CurrentCall() == nullptr ? GUID{} : m_backup.setId;
    return result;
}

STDMETHODIMP_(BYTE) FullWriter::IsPathAffected(LPCWSTR path) noexcept try {
    if (CurrentCall() == nullptr) {
        return 0;
    }
    const std::wstring lower = Lower(path);
    return std::ranges::any_of(
               m_backup.volumes,
               [&](const std::wstring& volume) { return lower.starts_with(Lower(volume)); })
               ? 1
               : 0;
} catch (...) {
    return 0;
}

STDMETHODIMP_(BYTE) FullWriter::AreComponentsSelected() noexcept {
    return CurrentCall() != nullptr && m_backup.selectsComponents ? 1 : 0;
}

STDMETHODIMP_(int) FullWriter::GetBackupType() noexcept {
    return CurrentCall() == nullptr ? 0 : m_backup.type;
}

STDMETHODIMP FullWriter::SetWriterFailure(HRESULT failure) noexcept {
    return SetWriterFailureEx(failure, S_OK, nullptr);
}

STDMETHODIMP FullWriter::InstallAlternateWriter(GUID /*writerId*/, CLSID /*clsid*/) noexcept {
    return E_NOTIMPL;
}

STDMETHODIMP FullWriter::SetWriterFailureEx(HRESULT failure, HRESULT applicationFailure,
                                            LPCWSTR message) noexcept try {
    Call* const call = CurrentCall();
    // Only during a call, and on its thread.
    if (call == nullptr) {
        return VSS_E_BAD_STATE;
    }
    // VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT to …_NONRETRYABLE
    if (failure < VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT ||
        failure > VSS_E_WRITERERROR_NONRETRYABLE) {
        return E_INVALIDARG;
    }
    call->failure = failure;
    call->applicationFailure = applicationFailure;
    call->message = message == nullptr ? L"" : message;
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

STDMETHODIMP FullWriter::GetSessionId(GUID* id) noexcept {
    *id = GUID{};
    return E_NOTIMPL;
}

}  // namespace wsb::lab

namespace lab = wsb::lab;

namespace {

HRESULT Create(wsb::vss::Writer* writer, wsb::vss::WriterImpl** impl, const wchar_t* call) {
    if (writer == nullptr || impl == nullptr) {
        return E_INVALIDARG;
    }
    *impl = nullptr;
    const HRESULT played = lab::PlayedResult(call);
    // S_FALSE as well: in safe mode, there is no object.
    if (played != S_OK) {
        return played;
    }
    *impl = new lab::FullWriter{lab::CallsOf(writer)};
    return S_OK;
}

}  // namespace

extern "C" HRESULT WINAPI CreateWriter(wsb::vss::Writer* writer, wsb::vss::WriterImpl** impl) try {
    return Create(writer, impl, L"CreateWriter");
} catch (...) {
    return wsb::win::CaughtHresult();
}

extern "C" HRESULT WINAPI CreateWriterEx(wsb::vss::Writer* writer,
                                         wsb::vss::WriterImpl** impl) try {
    return Create(writer, impl, L"CreateWriterEx");
} catch (...) {
    return wsb::win::CaughtHresult();
}
