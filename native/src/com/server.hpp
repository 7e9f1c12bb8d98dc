#pragma once

#include <windows.h>

#include <objbase.h>

#include <chrono>
#include <functional>
#include <memory>

#include "../win/unique-any.hpp"
#include "addin-object.hpp"
#include "call-sink.hpp"
#include "server-lifetime.hpp"

namespace wsb::com {

/// Keeps the process's multithreaded apartment, so that any thread may call COM.
/// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coincrementmtausage
using MtaUsage = win::UniqueAny<CO_MTA_USAGE_COOKIE, ::CoDecrementMTAUsage>;

/// @exception win::HresultError when COM refuses.
[[nodiscard]] MtaUsage EnterMta();

struct ServerOptions {
    CLSID clsid;
    AddinInterfaces interfaces;
    std::chrono::milliseconds linger;
};

/// The class object of one add-in, registered from construction until Stop.
class Server {
  public:
    /// @param onIdle Runs at most once, on a thread pool thread, when nothing has used the server
    ///        for the linger time; class objects are suspended by then.
    /// @exception win::HresultError when COM refuses the registration.
    Server(const ServerOptions& options, std::shared_ptr<CallSink> sink,
           std::function<void()> onIdle);

    [[nodiscard]] const std::shared_ptr<ServerLifetime>& Lifetime() const noexcept {
        return m_lifetime;
    }

    /// Revokes the class object. Objects that clients still hold stay callable; what they answer
    /// is the sink's business. Idempotent.
    void Stop() noexcept;

  private:
    // Members are released from the last to the first: revoke, then leave the apartment.
    const MtaUsage m_mta;
    const std::shared_ptr<ServerLifetime> m_lifetime;
    win::UniqueAny<DWORD, ::CoRevokeClassObject> m_classObject;
};

}  // namespace wsb::com
