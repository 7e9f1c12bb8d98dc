#pragma once

#include <windows.h>

#include <objbase.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../core/call-sink.hpp"
#include "../win/unique-any.hpp"
#include "addin-object.hpp"
#include "server-lifetime.hpp"

namespace wsb::com {

/// The owner of the process's multithreaded apartment, in which any thread may call COM.
/// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coincrementmtausage
using MtaUsage = win::UniqueAny<CO_MTA_USAGE_COOKIE, ::CoDecrementMTAUsage>;

/// Enters the multithreaded apartment.
/// @exception win::HresultError when COM refuses.
[[nodiscard]] MtaUsage EnterMta();

/// Keeps this DLL and the apartment in the process for ever. After the last answer, RPC threads
/// still run in both, and clients still hold objects. Without the apartment, an answer could be
/// lost and its client would wait for ever.
void StayInProcess();

struct ServerOptions {
    CLSID clsid;
    AddinInterfaces interfaces;
    std::chrono::milliseconds linger;
    /// The program that this process runs. Once it was replaced, an unused server ends before it
    /// serves a new client.
    std::wstring script;
    /// The self-relative security descriptor that says who may call, as in AccessPermission.
    std::vector<uint8_t> accessDescriptor;
};

/// The class object of an add-in, registered from construction until Stop.
class Server {
  public:
    /// @param onIdle Runs at most once, on any thread, when the server was not used for the linger
    ///        time, or when it is not used and its script was replaced; class objects are suspended
    ///        by then.
    /// @param onReplaced Runs on any thread, when a client comes while another one uses the server,
    ///        and its script was replaced.
    /// @exception win::HresultError when COM refuses the registration; RPC_E_TOO_LATE when the
    ///            process's COM security is already set.
    Server(const ServerOptions& options, std::shared_ptr<CallSink> sink,
           std::function<void()> onIdle, std::function<void()> onReplaced);

    [[nodiscard]] const std::shared_ptr<ServerLifetime>& Lifetime() const noexcept {
        return m_lifetime;
    }

    /// Revokes the class object. Objects that clients still hold stay callable; the sink decides
    /// their answers. Idempotent.
    void Stop() noexcept;

  private:
    const std::shared_ptr<ServerLifetime> m_lifetime;
    win::UniqueAny<DWORD, ::CoRevokeClassObject> m_classObject;
};

}  // namespace wsb::com
