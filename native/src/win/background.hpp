#pragma once

#include <functional>
#include <mutex>
#include <utility>

namespace wsb::win {

/// Runs `work` on a thread of the process's pool, which may wait there for long. The shim stays
/// loaded until it has ended. `work` must not throw.
void RunInBackground(std::function<void()> work);

/// A function that its owner takes back: it does not run after `Sever`.
template <typename... Arguments>
class Severable final {
  public:
    explicit Severable(std::function<void(Arguments...)> function)
        : m_function(std::move(function)) {}

    void Call(Arguments... arguments) {
        const std::scoped_lock lock{m_mutex};
        if (m_function) {
            m_function(std::move(arguments)...);
        }
    }

    /// Waits for a running call.
    void Sever() {
        const std::scoped_lock lock{m_mutex};
        m_function = nullptr;
    }

  private:
    std::mutex m_mutex;
    std::function<void(Arguments...)> m_function;
};

}  // namespace wsb::win
