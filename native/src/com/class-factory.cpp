#include "class-factory.hpp"

#include <optional>
#include <utility>

#include "../win/hresult.hpp"
#include "make-object.hpp"

namespace wsb::com {

ClassFactory::ClassFactory(AddinInterfaces interfaces, std::shared_ptr<CallSink> sink,
                           std::shared_ptr<ServerLifetime> lifetime, std::wstring script,
                           std::function<void()> onReplaced)
    : m_interfaces(interfaces),
      m_sink(std::move(sink)),
      m_lifetime(std::move(lifetime)),
      m_script(std::move(script)),
      m_onReplaced(std::move(onReplaced)) {}

STDMETHODIMP ClassFactory::QueryInterface(REFIID iid, void** result) noexcept {
    if (result == nullptr) {
        return E_POINTER;
    }
    *result = nullptr;
    if (iid != IID_IUnknown && iid != IID_IClassFactory) {
        return E_NOINTERFACE;
    }
    *result = static_cast<IClassFactory*>(this);
    AddRef();
    return S_OK;
}

STDMETHODIMP_(ULONG) ClassFactory::AddRef() noexcept { return ++m_references; }

STDMETHODIMP_(ULONG) ClassFactory::Release() noexcept {
    const ULONG left = --m_references;
    if (left == 0) {
        delete this;
    }
    return left;
}

STDMETHODIMP ClassFactory::CreateInstance(IUnknown* outer, REFIID iid, void** result) noexcept try {
    if (result == nullptr) {
        return E_POINTER;
    }
    *result = nullptr;
    if (outer != nullptr) {
        return CLASS_E_NOAGGREGATION;
    }
    // With CO_E_SERVER_STOPPING, COM starts a new server process.
    if (EndIfReplaced()) {
        return CO_E_SERVER_STOPPING;
    }
    std::optional<ServerUse> use = ServerUse::Begin(m_lifetime);
    if (!use) {
        return CO_E_SERVER_STOPPING;
    }
    const auto object =
        MakeObject<ISupportErrorInfo, AddinObject>(m_interfaces, m_sink, *std::move(use));
    return object->QueryInterface(iid, result);
} catch (...) {
    return win::CaughtHresult();
}

bool ClassFactory::EndIfReplaced() const {
    if (!m_script.HasChanged()) {
        return false;
    }
    if (m_lifetime->EndIfIdle()) {
        return true;
    }
    m_onReplaced();
    return false;
}

STDMETHODIMP ClassFactory::LockServer(BOOL lock) noexcept try {
    const std::lock_guard guard{m_mutex};
    if (lock == FALSE) {
        // Any client may unlock. An extra unlock must not end another client's use.
        if (!m_locks.empty()) {
            m_locks.pop_back();
        }
        return S_OK;
    }
    std::optional<ServerUse> use = ServerUse::Begin(m_lifetime);
    if (!use) {
        return CO_E_SERVER_STOPPING;
    }
    m_locks.push_back(*std::move(use));
    return S_OK;
} catch (...) {
    return win::CaughtHresult();
}

}  // namespace wsb::com
