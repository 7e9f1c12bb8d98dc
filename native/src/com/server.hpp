#pragma once

#include <windows.h>

#include <objbase.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "../core/call-sink.hpp"
#include "../win/unique-any.hpp"
#include "addin-object.hpp"
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
    /// Who may call: a self-relative security descriptor, as in the registry's AccessPermission.
    std::vector<uint8_t> accessDescriptor;
};

/// The class object of one add-in, registered from construction until Stop.
class Server {
  public:
    /// @param onIdle Runs at most once, on a thread pool thread, when nothing has used the server
    ///        for the linger time; class objects are suspended by then.
    /// @exception win::HresultError when COM refuses the registration; RPC_E_TOO_LATE when the
    ///            process has its COM security already: it is set once, before anything else.
    Server(const ServerOptions& options, std::shared_ptr<CallSink> sink,
           std::function<void()> onIdle);

    [[nodiscard]] const std::shared_ptr<ServerLifetime>& Lifetime() const noexcept {
        return m_lifetime;
    }

    /// Revokes the class object. Objects that clients still hold stay callable; what they answer
    /// is the sink's business. Idempotent.
    void Stop() noexcept;

  private:
    const std::shared_ptr<ServerLifetime> m_lifetime;
    win::UniqueAny<DWORD, ::CoRevokeClassObject> m_classObject;
};

}  // namespace wsb::com
