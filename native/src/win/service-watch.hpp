#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace wsb::win {

/// Tells each time one of several services starts, on one thread for all of them.
class ServiceWatch final {
  public:
    struct Events {
        /// Runs once: every service is watched (null), or the watch failed and has ended.
        std::function<void(std::exception_ptr)> onReady;
        /// Runs for each start.
        std::function<void(std::wstring)> onStart;
    };

    /// A service that does not exist or is deleted is not watched.
    /// @param events Run on the watch's thread. They must not throw or destroy this object.
    ServiceWatch(std::vector<std::wstring> names, Events events);
    ServiceWatch(const ServiceWatch&) = delete;
    ServiceWatch& operator=(const ServiceWatch&) = delete;
    /// Ends the watch; its events do not run afterwards.
    ~ServiceWatch();

  private:
    struct Shared;
    std::shared_ptr<Shared> m_shared;
};

}  // namespace wsb::win
