#include "server.hpp"

#include <utility>

#include "../win/hresult.hpp"
#include "../win/stay-loaded.hpp"
#include "class-factory.hpp"
#include "make-object.hpp"
#include "process-security.hpp"

namespace wsb::com {

MtaUsage EnterMta() {
    MtaUsage usage;
    win::ThrowIfFailed(::CoIncrementMTAUsage(usage.put()), "CoIncrementMTAUsage");
    return usage;
}

void StayInProcess() {
    static_cast<void>(EnterMta().release());
    win::StayLoaded();
}

Server::Server(const ServerOptions& options, std::shared_ptr<CallSink> sink,
               std::function<void()> onIdle, std::function<void()> onReplaced)
    : m_lifetime(std::make_shared<ServerLifetime>(options.linger, std::move(onIdle))) {
    StayInProcess();
    // Before the class is registered, so that every call is checked.
    SetProcessSecurity(options.accessDescriptor, SecurityUse::kAddin);
    const auto factory = MakeObject<IClassFactory, ClassFactory>(
        options.interfaces, std::move(sink), m_lifetime, options.script, std::move(onReplaced));
    // Registered suspended, so that no activation arrives before the setup is complete.
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
