#include "service-install.hpp"

#include <algorithm>

#include "hresult.hpp"
#include "registry.hpp"
#include "service-handle.hpp"
#include "services.hpp"
#include "wine.hpp"

namespace wsb::win {
namespace {

// SERVICE_START: Windows refuses recovery actions that restart the service without it.
constexpr DWORD kAccess = SERVICE_CHANGE_CONFIG | SERVICE_START | DELETE;

template <typename Info>
void Configure(SC_HANDLE service, DWORD level, Info info) {
    if (::ChangeServiceConfig2W(service, level, &info) != FALSE) {
        return;
    }
    // Wine 8 does not know some levels and carries out none of them.
    if (const DWORD error = ::GetLastError(); error != ERROR_INVALID_LEVEL || !IsWine()) {
        throw HresultError{HRESULT_FROM_WIN32(error), "ChangeServiceConfig2W"};
    }
}

void SetRecovery(SC_HANDLE service, const ServiceDefinition& definition) {
    std::vector<SC_ACTION> actions;
    for (const std::chrono::milliseconds delay : definition.restartDelays) {
        actions.push_back({SC_ACTION_RESTART, static_cast<DWORD>(delay.count())});
    }
    SERVICE_FAILURE_ACTIONSW recovery{};
    recovery.dwResetPeriod = static_cast<DWORD>(definition.resetAfter.count());
    recovery.cActions = static_cast<DWORD>(actions.size());
    recovery.lpsaActions = actions.data();
    Configure(service, SERVICE_CONFIG_FAILURE_ACTIONS, recovery);
    // Also when the service ends itself with an error, not only when it dies.
    Configure(service, SERVICE_CONFIG_FAILURE_ACTIONS_FLAG, SERVICE_FAILURE_ACTIONS_FLAG{TRUE});
}

void ConfigureAll(SC_HANDLE service, const ServiceDefinition& definition) {
    std::wstring description = definition.description;
    Configure(service, SERVICE_CONFIG_DESCRIPTION, SERVICE_DESCRIPTIONW{description.data()});
    // Windows 10 1703 and later wait ten seconds unless a service says otherwise.
    Configure(service, SERVICE_CONFIG_PRESHUTDOWN_INFO,
              SERVICE_PRESHUTDOWN_INFO{static_cast<DWORD>(definition.preshutdown.count())});
    SetRecovery(service, definition);
}

}  // namespace

void InstallService(const ServiceDefinition& definition) {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT | SC_MANAGER_CREATE_SERVICE);
    const std::wstring dependencies = JoinStrings(definition.dependsOn);
    const UniqueScHandle service{
        ::CreateServiceW(manager.get(), definition.name.c_str(), definition.displayName.c_str(),
                         kAccess, SERVICE_WIN32_OWN_PROCESS, SERVICE_AUTO_START,
                         SERVICE_ERROR_NORMAL, definition.commandLine.c_str(), nullptr, nullptr,
                         dependencies.c_str(), definition.account.c_str(), nullptr)};
    if (!service) {
        ThrowLastError("CreateServiceW");
    }
    try {
        ConfigureAll(service.get(), definition);
        // Windows writes its registry to the disk later, and a power cut must find this there.
        FlushRegistryKey(L"SYSTEM\\CurrentControlSet\\Services\\" + definition.name);
    } catch (...) {
        ::DeleteService(service.get());
        throw;
    }
}

bool DeleteService(const std::wstring& name) {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT);
    const UniqueScHandle service = OpenExistingService(manager.get(), name, DELETE);
    if (!service) {
        return false;
    }
    if (::DeleteService(service.get()) == FALSE) {
        if (::GetLastError() == ERROR_SERVICE_MARKED_FOR_DELETE) {
            return false;
        }
        ThrowLastError("DeleteService");
    }
    return true;
}

}  // namespace wsb::win
