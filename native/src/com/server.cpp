#include "server.hpp"

#include <utility>

#include "../win/hresult.hpp"
#include "class-factory.hpp"
#include "make-object.hpp"
#include "process-security.hpp"

namespace wsb::com {

MtaUsage EnterMta() {
    MtaUsage usage;
    win::ThrowIfFailed(::CoIncrementMTAUsage(usage.put()), "CoIncrementMTAUsage");
    return usage;
}

namespace {

/// Keeps this DLL and the apartment in the process for good. RPC threads are still on their way out
/// of both when the last call has been answered, and clients go on holding objects: without the
/// apartment an answer under way is lost and its client waits for ever, and without the DLL, which
/// Node.js unloads with the worker thread that loaded it, the process crashes.
void StayInProcess() {
    static_cast<void>(EnterMta().release());
    static constexpr wchar_t kWithinThisDll = L'\0';
    HMODULE self = nullptr;
    if (::GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                             &kWithinThisDll, &self) == FALSE) {
        win::ThrowLastError("GetModuleHandleExW");
    }
}

}  // namespace

Server::Server(const ServerOptions& options, std::shared_ptr<CallSink> sink,
               std::function<void()> onIdle)
    : m_lifetime(std::make_shared<ServerLifetime>(options.linger, std::move(onIdle))) {
    StayInProcess();
    // Before the class: nobody else shall get a call in.
    SetProcessSecurity(options.accessDescriptor);
    const auto factory =
        MakeObject<IClassFactory, ClassFactory>(options.interfaces, std::move(sink), m_lifetime);
    // Suspended first, so that no activation gets in before everything stands.
    win::ThrowIfFailed(
        ::CoRegisterClassObject(options.clsid, factory.Get(), CLSCTX_LOCAL_SERVER,
                                REGCLS_MULTIPLEUSE | REGCLS_SUSPENDED, m_classObject.put()),
        "CoRegisterClassObject");
    win::ThrowIfFailed(::CoResumeClassObjects(), "CoResumeClassObjects");
    m_lifetime->Arm();
}

void Server::Stop() noexcept {
    m_lifetime->Stop();
    m_classObject.reset();
}

}  // namespace wsb::com
