#pragma once

#include <windows.h>

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "../core/service-rules.hpp"

namespace wsb::win {

enum class ChangeOutcome { kReached, kLost, kTimedOut, kCancelled };

/// The end of a change, with the service as it was seen last.
struct ServiceChangeEnd {
    ChangeOutcome outcome = ChangeOutcome::kCancelled;
    DWORD state = SERVICE_STOPPED;
    DWORD exitCode = 0;
};

/// The end, or the exception of a Windows call that failed.
using ServiceChangeResult = std::variant<ServiceChangeEnd, std::exception_ptr>;

struct ServiceChangeOptions {
    std::wstring name;
    WantedState wanted;
    DWORD timeoutMs;
};

/// Stops or starts one service and waits until it has, on a thread of its own.
class ServiceChange final {
  public:
    /// @param onEnd Runs once, on that thread. It must not throw or destroy this object.
    ServiceChange(const ServiceChangeOptions& options,
                  std::function<void(ServiceChangeResult)> onEnd);
    ServiceChange(const ServiceChange&) = delete;
    ServiceChange& operator=(const ServiceChange&) = delete;
    /// Ends the wait, but not the change. `onEnd` does not run afterwards. Does not wait for a
    /// request that Windows is still working on.
    ~ServiceChange();

  private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

}  // namespace wsb::win
