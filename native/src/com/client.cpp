#include "client.hpp"

#include <algorithm>
#include <utility>

#include "../win/hresult.hpp"
#include "error-info.hpp"
#include "task-memory.hpp"

namespace wsb::com {

using Microsoft::WRL::ComPtr;

namespace {

// The interfaces take non-const strings but do not write to them.
LPWSTR Borrow(const OptionalString& text) {
    return text ? const_cast<LPWSTR>(text->c_str()) : nullptr;
}

std::vector<LPWSTR> BorrowAll(const std::vector<OptionalString>& texts) {
    std::vector<LPWSTR> borrowed(texts.size());
    std::ranges::transform(texts, borrowed.begin(), Borrow);
    return borrowed;
}

// Add-ins are registered in the 64-bit view and served by a 64-bit process, also for a 32-bit
// client.
constexpr DWORD kServerContext =
    CLSCTX_LOCAL_SERVER | (sizeof(void*) == 4 ? CLSCTX_ACTIVATE_64_BIT_SERVER : 0);

// When an activation meets a server that is shutting down, Windows starts a new server, but Wine
// returns an error, so this client tries again.
constexpr int kActivationRetries = 8;

bool IsServerLeaving(HRESULT hresult) {
    switch (hresult) {
        case CO_E_SERVER_STOPPING:
        case CO_E_OBJNOTCONNECTED:
        case RPC_E_DISCONNECTED:
        case RPC_E_SERVER_DIED:
        case RPC_E_SERVER_DIED_DNE:
        case HRESULT_FROM_WIN32(RPC_S_CALL_FAILED):
        case HRESULT_FROM_WIN32(RPC_S_SERVER_UNAVAILABLE):
        case E_NOINTERFACE:  // for IUnknown: no object was returned
        case E_FAIL:         // Wine's code when a class object disappears during the activation
            return true;
        default:
            return false;
    }
}

/// Makes a COM call on `object`'s interface `iid` and collects its error information.
template <typename Interface, typename Value = Nothing, typename Method>
Outcome<Value> CallOn(IUnknown* object, const IID& iid, Method method) {
    Outcome<Value> outcome;
    ComPtr<Interface> target;
    // Clears the error information of an earlier call on this pooled thread.
    ::SetErrorInfo(0, nullptr);
    outcome.hresult = object->QueryInterface(iid, reinterpret_cast<void**>(target.GetAddressOf()));
    if (SUCCEEDED(outcome.hresult)) {
        outcome.hresult = method(target.Get(), outcome.value);
    }
    if (FAILED(outcome.hresult)) {
        outcome.description = TakeErrorText();
    }
    return outcome;
}

}  // namespace

RemoteOperation::RemoteOperation(ComPtr<IWsbApplicationAsync> object)
    : m_mta(EnterMta()), m_object(std::move(object)) {}

Outcome<HRESULT> RemoteOperation::QueryStatus() const {
    return CallOn<IWsbApplicationAsync, HRESULT>(
        m_object.Get(), kIidApplicationAsync,
        [](auto* async, HRESULT& status) { return async->QueryStatus(&status); });
}

Outcome<Nothing> RemoteOperation::Abort() const {
    return CallOn<IWsbApplicationAsync>(m_object.Get(), kIidApplicationAsync,
                                        [](auto* async, Nothing&) { return async->Abort(); });
}

RemoteAddin::RemoteAddin(MtaUsage mta, ComPtr<IUnknown> object)
    : m_mta(std::move(mta)), m_object(std::move(object)) {}

Outcome<std::shared_ptr<RemoteAddin>> RemoteAddin::Activate(const CLSID& clsid) {
    auto outcome = TryActivate(clsid);
    for (int retry = 0; retry < kActivationRetries && IsServerLeaving(outcome.hresult); ++retry) {
        outcome = TryActivate(clsid);
    }
    return outcome;
}

Outcome<std::shared_ptr<RemoteAddin>> RemoteAddin::TryActivate(const CLSID& clsid) {
    MtaUsage mta = EnterMta();
    ComPtr<IUnknown> object;
    Outcome<std::shared_ptr<RemoteAddin>> outcome;
    ::SetErrorInfo(0, nullptr);
    outcome.hresult = ::CoCreateInstance(clsid, nullptr, kServerContext, IID_IUnknown,
                                         reinterpret_cast<void**>(object.GetAddressOf()));
    if (SUCCEEDED(outcome.hresult)) {
        outcome.value = std::make_shared<RemoteAddin>(std::move(mta), std::move(object));
    }
    return outcome;
}

HRESULT RemoteAddin::QueryInterface(const IID& iid) const {
    ComPtr<IUnknown> ignored;
    return m_object->QueryInterface(iid, reinterpret_cast<void**>(ignored.GetAddressOf()));
}

Outcome<bool> RemoteAddin::IsRollForwardSupported() const {
    return CallOn<IWsbApplicationRestoreSupport, bool>(
        m_object.Get(), kIidApplicationRestoreSupport, [](auto* restore, bool& value) {
            BOOLEAN supported = FALSE;
            const HRESULT hresult = restore->IsRollForwardSupported(&supported);
            value = supported != FALSE;
            return hresult;
        });
}

Outcome<std::optional<std::vector<OwnedComponent>>> RemoteAddin::OrderComponents(
    const std::vector<OwnedComponent>& components) const {
    const auto count = components.size();
    // One extra element, because an array may be empty but its pointer must not be null.
    std::vector<LPWSTR> names(count + 1);
    std::vector<LPWSTR> logicalPaths(count + 1);
    for (size_t index = 0; index < count; ++index) {
        names[index] = Borrow(components[index].componentName);
        logicalPaths[index] = Borrow(components[index].logicalPath);
    }
    using Order = std::optional<std::vector<OwnedComponent>>;
    return CallOn<IWsbApplicationRestoreSupport, Order>(
        m_object.Get(), kIidApplicationRestoreSupport, [&](auto* restore, Order& order) {
            LPWSTR* orderedNames = nullptr;
            LPWSTR* orderedPaths = nullptr;
            const HRESULT hresult =
                restore->OrderComponents(static_cast<DWORD>(count), names.data(),
                                         logicalPaths.data(), &orderedNames, &orderedPaths);
            if (FAILED(hresult) || orderedNames == nullptr || orderedPaths == nullptr) {
                ::CoTaskMemFree(orderedNames);
                ::CoTaskMemFree(orderedPaths);
                return hresult;
            }
            auto takenNames = TakeTaskStrings(orderedNames, count);
            auto takenPaths = TakeTaskStrings(orderedPaths, count);
            order.emplace();
            order->reserve(count);
            for (size_t index = 0; index < count; ++index) {
                order->push_back({std::move(takenNames[index]), std::move(takenPaths[index])});
            }
            return hresult;
        });
}

Outcome<Nothing> RemoteAddin::Restore(RestoreStage stage, const ComponentArguments& component,
                                      RollForward rollForward) const {
    const BOOLEAN noRollForward = rollForward == RollForward::kForbidden ? TRUE : FALSE;
    return CallOn<IWsbApplicationRestoreSupport>(
        m_object.Get(), kIidApplicationRestoreSupport, [&](auto* restore, Nothing&) {
            const auto method = stage == RestoreStage::kPreRestore
                                    ? &IWsbApplicationRestoreSupport::PreRestore
                                    : &IWsbApplicationRestoreSupport::PostRestore;
            return (restore->*method)(Borrow(component.writerMetadata),
                                      Borrow(component.componentName),
                                      Borrow(component.logicalPath), noRollForward);
        });
}

Outcome<std::shared_ptr<RemoteOperation>> RemoteAddin::CheckConsistency(
    const ComponentArguments& component, const OptionalStrings& sourceVolumePaths,
    const OptionalStrings& snapshotVolumePaths) const {
    std::vector<LPWSTR> sources;
    std::vector<LPWSTR> snapshots;
    if (sourceVolumePaths) {
        sources = BorrowAll(*sourceVolumePaths);
    }
    if (snapshotVolumePaths) {
        snapshots = BorrowAll(*snapshotVolumePaths);
    }
    const auto count = static_cast<DWORD>(std::max(sources.size(), snapshots.size()));
    if ((sourceVolumePaths && sources.size() != count) ||
        (snapshotVolumePaths && snapshots.size() != count)) {
        throw win::HresultError{E_INVALIDARG, "CheckConsistency"};
    }
    using Operation = std::shared_ptr<RemoteOperation>;
    return CallOn<IWsbApplicationBackupSupport, Operation>(
        m_object.Get(), kIidApplicationBackupSupport, [&](auto* backup, Operation& operation) {
            ComPtr<IWsbApplicationAsync> async;
            const HRESULT hresult = backup->CheckConsistency(
                Borrow(component.writerMetadata), Borrow(component.componentName),
                Borrow(component.logicalPath), count, sourceVolumePaths ? sources.data() : nullptr,
                snapshotVolumePaths ? snapshots.data() : nullptr, async.GetAddressOf());
            if (SUCCEEDED(hresult) && async != nullptr) {
                operation = std::make_shared<RemoteOperation>(std::move(async));
            }
            return hresult;
        });
}

}  // namespace wsb::com
