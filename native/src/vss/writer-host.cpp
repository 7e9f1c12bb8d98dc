#include "writer-host.hpp"

#include <objbase.h>
#include <wrl/client.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "../com/process-security.hpp"
#include "../com/server.hpp"
#include "../win/background.hpp"
#include "../win/hresult.hpp"
#include "../win/unique-any.hpp"
#include "writer-object.hpp"

namespace wsb::vss {
namespace {

// The default of vswriter.h.
constexpr DWORD kSubscribeTimeoutMs = 5 * 60 * 1000;

using UniqueModule = win::UniqueAny<HMODULE, ::FreeLibrary>;

/// Loads CreateWriterEx. The DLL stays loaded, because VSS's threads run in it.
CreateWriterFunction LoadCreateWriter() {
    // Only from the system folder: a DLL of that name elsewhere would run with our rights.
    UniqueModule library{::LoadLibraryExW(L"vssapi.dll", nullptr, LOAD_LIBRARY_SEARCH_SYSTEM32)};
    if (!library) {
        win::ThrowLastError("LoadLibraryExW");
    }
    const auto create = reinterpret_cast<CreateWriterFunction>(
        reinterpret_cast<void*>(::GetProcAddress(library.get(), "CreateWriterEx")));
    if (create == nullptr) {
        win::ThrowLastError("GetProcAddress");
    }
    static_cast<void>(library.release());
    return create;
}

bool HasDatabase(const WriterPlan& plan) {
    for (const PlannedComponent& component : plan.components) {
        if (!component.databaseFiles.empty() || !component.logFiles.empty()) {
            return true;
        }
    }
    return false;
}

}  // namespace

class WriterHost::Core {
  public:
    Core(WriterOptions options, std::shared_ptr<WriterEvents> events, WriterHostEvents hostEvents)
        : m_options(std::move(options)),
          m_events(std::move(events)),
          m_onSubscribed(std::move(hostEvents.onSubscribed)),
          m_onEnded(std::move(hostEvents.onEnded)) {}

    void Run() noexcept {
        std::exception_ptr failure;
        try {
            Live();
        } catch (...) {
            failure = std::current_exception();
        }
        m_onEnded.Call(std::move(failure));
    }

    void Unsubscribe() noexcept {
        {
            const std::scoped_lock lock{m_mutex};
            m_isLeaving = true;
        }
        m_changed.notify_all();
    }

    void Sever() {
        m_onSubscribed.Sever();
        m_onEnded.Sever();
    }

  private:
    void Live() {
        if constexpr (sizeof(void*) != 8) {
            // VSS takes writers only from processes of Windows' own width.
            throw win::HresultError{HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED), "CreateWriterEx"};
        }
        com::StayInProcess();
        // Before anything that COM marshals. Exactly this order: security, exceptions, writer.
        com::SetProcessSecurity(m_options.accessDescriptor, com::SecurityUse::kWriter);
        com::LetExceptionsEndProcess();
        const CreateWriterFunction create = LoadCreateWriter();
        auto object = std::make_unique<WriterObject>(std::move(m_options.plan), m_events);
        Microsoft::WRL::ComPtr<WriterImpl> impl;
        win::ThrowIfFailed(create(object->Raw(), impl.GetAddressOf()), "CreateWriterEx");
        // In safe mode, VSS can succeed without an object.
        if (impl == nullptr) {
            throw win::HresultError{HRESULT_FROM_WIN32(ERROR_NOT_SAFEBOOT_SERVICE),
                                    "CreateWriterEx"};
        }
        object->SetImpl(impl.Get());
        Initialize(*impl.Get());
        win::ThrowIfFailed(
            impl->Subscribe(kSubscribeTimeoutMs, kBackupEventsFlag | kPostSnapshotFlag),
            "Subscribe");
        m_onSubscribed.Call();
        WaitUntilLeaving();
        const HRESULT left = impl->Unsubscribe();
        if (FAILED(left)) {
            // VSS may still call both.
            static_cast<void>(object.release());
            static_cast<void>(impl.Detach());
            throw win::HresultError{left, "Unsubscribe"};
        }
        impl->Uninitialize();
    }

    void Initialize(WriterImpl& impl) const {
        const int source = HasDatabase(m_options.plan) ? kSourceTransactedDatabase : kSourceOther;
        win::ThrowIfFailed(impl.Initialize(m_options.id, m_options.name.c_str(), nullptr, 0, 0,
                                           kUsageUserData, source, kLevelFrontEnd,
                                           m_options.freezeTimeoutMs, kNoAlternateWriter, 0),
                           "Initialize");
    }

    void WaitUntilLeaving() {
        std::unique_lock lock{m_mutex};
        m_changed.wait(lock, [this] { return m_isLeaving; });
    }

    WriterOptions m_options;
    const std::shared_ptr<WriterEvents> m_events;
    win::Severable<> m_onSubscribed;
    win::Severable<std::exception_ptr> m_onEnded;
    std::mutex m_mutex;  // guards the flag
    std::condition_variable m_changed;
    bool m_isLeaving = false;
};

WriterHost::WriterHost(WriterOptions options, std::shared_ptr<WriterEvents> events,
                       WriterHostEvents hostEvents)
    : m_core(std::make_shared<Core>(std::move(options), std::move(events), std::move(hostEvents))) {
    std::thread{[core = m_core] { core->Run(); }}.detach();
}

WriterHost::~WriterHost() {
    m_core->Sever();
    m_core->Unsubscribe();
}

void WriterHost::Unsubscribe() noexcept { m_core->Unsubscribe(); }

}  // namespace wsb::vss
