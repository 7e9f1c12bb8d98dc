#pragma once

#include <windows.h>

#include <wrl/client.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../core/call-sink.hpp"
#include "server.hpp"
#include "wsbapp.hpp"

namespace wsb::com {

/// The result of a COM call. A failure is data, because clients report it.
template <typename Value>
struct Outcome {
    HRESULT hresult = E_UNEXPECTED;
    std::optional<std::wstring> description;
    Value value{};
};

struct Nothing {};

/// A string argument; nothing stands for NULL.
using OptionalString = std::optional<std::wstring>;
using OptionalStrings = std::optional<std::vector<OptionalString>>;

struct ComponentArguments {
    OptionalString writerMetadata;
    OptionalString componentName;
    OptionalString logicalPath;
};

enum class RestoreStage { kPreRestore, kPostRestore };
enum class RollForward { kAllowed, kForbidden };

/// An IWsbApplicationAsync in another process. Calls block: do not use it on the JavaScript thread.
class RemoteOperation {
  public:
    explicit RemoteOperation(Microsoft::WRL::ComPtr<IWsbApplicationAsync> object);
    [[nodiscard]] Outcome<HRESULT> QueryStatus() const;
    [[nodiscard]] Outcome<Nothing> Abort() const;

  private:
    const MtaUsage m_mta;
    const Microsoft::WRL::ComPtr<IWsbApplicationAsync> m_object;
};

/// An add-in in another process. Calls block: do not use it on the JavaScript thread.
class RemoteAddin {
  public:
    RemoteAddin(MtaUsage mta, Microsoft::WRL::ComPtr<IUnknown> object);

    [[nodiscard]] static Outcome<std::shared_ptr<RemoteAddin>> Activate(const CLSID& clsid);

    [[nodiscard]] HRESULT QueryInterface(const IID& iid) const;
    [[nodiscard]] Outcome<bool> IsRollForwardSupported() const;
    [[nodiscard]] Outcome<std::optional<std::vector<OwnedComponent>>> OrderComponents(
        const std::vector<OwnedComponent>& components) const;
    [[nodiscard]] Outcome<Nothing> Restore(RestoreStage stage, const ComponentArguments& component,
                                           RollForward rollForward) const;
    [[nodiscard]] Outcome<std::shared_ptr<RemoteOperation>> CheckConsistency(
        const ComponentArguments& component, const OptionalStrings& sourceVolumePaths,
        const OptionalStrings& snapshotVolumePaths) const;

  private:
    [[nodiscard]] static Outcome<std::shared_ptr<RemoteAddin>> TryActivate(const CLSID& clsid);

    const MtaUsage m_mta;
    const Microsoft::WRL::ComPtr<IUnknown> m_object;
};

}  // namespace wsb::com
