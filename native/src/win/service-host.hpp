#pragma once

#include <windows.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>

#include "../core/service-life.hpp"

namespace wsb::win {

/// What happens to this process as a service. The functions run on threads of the host and must not
/// throw.
struct ServiceHostEvents {
    /// Windows has started the service, which is START_PENDING.
    std::function<void()> onStarted;
    /// The last event: Windows did not start this process as a service, or has let go of it.
    std::function<void(std::exception_ptr)> onEnded;
    /// Windows wants the service to end; it is STOP_PENDING.
    std::function<void(StopReason)> onStop;
};

/// This process as a service with a process of its own.
///
/// Two threads belong to it: the service control dispatcher, which Windows needs for the whole life
/// of the service, and the ticker, which tells Windows of progress while JavaScript is busy, and
/// ends the process when that takes too long. Both keep what they use.
class ServiceHost {
  public:
    /// @exception HresultError ERROR_SERVICE_ALREADY_RUNNING at a second call in this process.
    ServiceHost(std::wstring name, PendingLimits limits, ServiceHostEvents events);
    ServiceHost(const ServiceHost&) = delete;
    ServiceHost& operator=(const ServiceHost&) = delete;
    /// Takes the events back; the service goes on.
    ~ServiceHost();

    // Idempotent. They report to Windows unless the service has gone further already.

    void Ready();
    void Stopped(uint32_t exitCode);

    class Core;  // internal

  private:
    const std::shared_ptr<Core> m_core;
};

}  // namespace wsb::win
