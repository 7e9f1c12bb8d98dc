#include "server.hpp"

#include "../win/hresult.hpp"
#include "class-factory.hpp"
#include "make-object.hpp"

namespace wsb::com {

MtaUsage EnterMta() {
    MtaUsage usage;
    win::ThrowIfFailed(::CoIncrementMTAUsage(usage.put()), "CoIncrementMTAUsage");
    return usage;
}

Server::Server(const ServerOptions& options, std::shared_ptr<CallSink> sink,
               std::function<void()> onIdle)
    : m_mta(EnterMta()),
      m_lifetime(std::make_shared<ServerLifetime>(options.linger, std::move(onIdle))) {
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
