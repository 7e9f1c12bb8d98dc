#pragma once

#include <windows.h>

#include <unknwn.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "../core/call-sink.hpp"
#include "../win/file-version.hpp"
#include "addin-object.hpp"
#include "server-lifetime.hpp"

namespace wsb::com {

/// The factory of add-in objects. Only LockServer and the objects keep the server alive; a
/// reference to the class object does not.
class ClassFactory final : public IClassFactory {
  public:
    /// @param script The program that the process runs.
    /// @param onReplaced As in Server.
    ClassFactory(AddinInterfaces interfaces, std::shared_ptr<CallSink> sink,
                 std::shared_ptr<ServerLifetime> lifetime, std::wstring script,
                 std::function<void()> onReplaced);

    STDMETHODIMP QueryInterface(REFIID iid, void** result) noexcept override;
    STDMETHODIMP_(ULONG) AddRef() noexcept override;
    STDMETHODIMP_(ULONG) Release() noexcept override;
    STDMETHODIMP CreateInstance(IUnknown* outer, REFIID iid, void** result) noexcept override;
    STDMETHODIMP LockServer(BOOL lock) noexcept override;

  private:
    ~ClassFactory() = default;
    /// Makes way for a process of the newer script; false when this one serves on.
    [[nodiscard]] bool EndIfReplaced() const;

    std::atomic<ULONG> m_references{1};
    const AddinInterfaces m_interfaces;
    const std::shared_ptr<CallSink> m_sink;
    const std::shared_ptr<ServerLifetime> m_lifetime;
    const win::FileVersion m_script;
    const std::function<void()> m_onReplaced;
    std::mutex m_mutex;              // guards the members below
    std::vector<ServerUse> m_locks;  // one for each LockServer(TRUE)
};

}  // namespace wsb::com
