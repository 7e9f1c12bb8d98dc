#include "services.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "../core/program-path.hpp"
#include "environment.hpp"
#include "hresult.hpp"
#include "registry.hpp"
#include "service-handle.hpp"
#include "wine.hpp"

namespace wsb::win {
namespace {

const std::wstring kServicesKey = L"SYSTEM\\CurrentControlSet\\Services\\";

std::vector<std::wstring> AllServiceNames(SC_HANDLE manager) {
    std::vector<std::wstring> names;
    // 256 KiB is the largest buffer of the call; further rounds return the remaining services.
    std::vector<std::byte> buffer(size_t{256} * 1024);
    DWORD resume = 0;
    for (bool more = true; more;) {
        DWORD needed = 0;
        DWORD count = 0;
        more = ::EnumServicesStatusExW(manager, SC_ENUM_PROCESS_INFO, SERVICE_WIN32,
                                       SERVICE_STATE_ALL, reinterpret_cast<BYTE*>(buffer.data()),
                                       static_cast<DWORD>(buffer.size()), &needed, &count, &resume,
                                       nullptr) == FALSE;
        if (more && ::GetLastError() != ERROR_MORE_DATA) {
            ThrowLastError("EnumServicesStatusExW");
        }
        const auto* entries = reinterpret_cast<const ENUM_SERVICE_STATUS_PROCESSW*>(buffer.data());
        for (DWORD index = 0; index < count; ++index) {
            names.emplace_back(entries[index].lpServiceName);
        }
    }
    return names;
}

/// Splits a REG_MULTI_SZ; the end of the data replaces a missing terminator.
std::vector<std::wstring> SplitStrings(const std::vector<uint8_t>& data) {
    std::wstring text(data.size() / sizeof(wchar_t), L'\0');
    std::memcpy(text.data(), data.data(), text.size() * sizeof(wchar_t));
    std::vector<std::wstring> strings;
    for (size_t start = 0; start < text.size() && text[start] != L'\0';) {
        const size_t end = std::min(text.find(L'\0', start), text.size());
        strings.push_back(text.substr(start, end - start));
        start = end + 1;
    }
    return strings;
}

/// Reads the dependencies from the service control manager's registry key. QueryServiceConfigW
/// returns the same on Windows but nothing under Wine 8.
std::vector<std::wstring> DependenciesOf(const std::wstring& service) {
    const auto value = ReadRegistryValue(kServicesKey + service, L"DependOnService");
    return value && value->type == REG_MULTI_SZ ? SplitStrings(value->data)
                                                : std::vector<std::wstring>{};
}

// 8 KiB is the largest result of QueryServiceConfigW and QueryServiceConfig2W.
constexpr size_t kConfigBytes = size_t{8} * 1024;

/// The configuration of a service. operator new aligns the buffer for any structure.
class ServiceConfig {
  public:
    explicit ServiceConfig(SC_HANDLE service) : m_buffer(kConfigBytes) {
        DWORD needed = 0;
        if (::QueryServiceConfigW(service,
                                  reinterpret_cast<QUERY_SERVICE_CONFIGW*>(m_buffer.data()),
                                  static_cast<DWORD>(m_buffer.size()), &needed) == FALSE) {
            ThrowLastError("QueryServiceConfigW");
        }
    }

    [[nodiscard]] const QUERY_SERVICE_CONFIGW* operator->() const noexcept {
        return reinterpret_cast<const QUERY_SERVICE_CONFIGW*>(m_buffer.data());
    }

  private:
    std::vector<std::byte> m_buffer;
};

/// Tells whether Windows starts it by itself after the boot; a driver has no delay.
bool IsAutomatic(const ServiceConfig& config) {
    return config->dwStartType == SERVICE_AUTO_START &&
           (config->dwServiceType & SERVICE_WIN32) != 0;
}

/// Reads the delayed start from the registry, where the service control manager keeps it.
bool HasStoredDelay(const std::wstring& service) {
    const auto value = ReadRegistryValue(kServicesKey + service, L"DelayedAutostart");
    DWORD number = 0;
    if (!value || value->type != REG_DWORD || value->data.size() != sizeof number) {
        return false;
    }
    std::memcpy(&number, value->data.data(), sizeof number);
    return number != 0;
}

/// Tells whether a service that is automatic starts some minutes after the others.
bool HasDelayedStart(SC_HANDLE service, const std::wstring& name) {
    SERVICE_DELAYED_AUTO_START_INFO info{};
    DWORD needed = 0;
    if (::QueryServiceConfig2W(service, SERVICE_CONFIG_DELAYED_AUTO_START_INFO,
                               reinterpret_cast<BYTE*>(&info), sizeof info, &needed) == FALSE) {
        if (const DWORD error = ::GetLastError(); error != ERROR_INVALID_LEVEL) {
            throw HresultError{HRESULT_FROM_WIN32(error), "QueryServiceConfig2W"};
        }
    }
    // Wine 8 does not know this level, and Wine 10 answers no whatever is stored.
    return info.fDelayedAutostart != FALSE || HasStoredDelay(name);
}

/// Tells whether a file may be there: `false` only when Windows says that it is not.
bool MayExist(const std::wstring& path) {
    if (path.find_first_of(L"\\/:") == std::wstring::npos) {
        // A name alone is looked for like CreateProcessW does.
        return ::SearchPathW(nullptr, path.c_str(), nullptr, 0, nullptr, nullptr) != 0;
    }
    const DWORD attributes = ::GetFileAttributesW(path.c_str());
    if (attributes != INVALID_FILE_ATTRIBUTES) {
        return (attributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
    }
    switch (::GetLastError()) {
        case ERROR_FILE_NOT_FOUND:
        case ERROR_PATH_NOT_FOUND:
        case ERROR_INVALID_NAME:
            return false;
        default:
            return true;
    }
}

ServiceProgram FindProgram(const wchar_t* commandLine) {
    // A driver may have none.
    std::vector<std::wstring> candidates =
        ProgramCandidates(commandLine == nullptr ? std::wstring{} : ExpandVariables(commandLine));
    if (candidates.empty()) {
        return {{}, false};
    }
    const auto found = std::ranges::find_if(candidates, MayExist);
    const bool exists = found != candidates.end();
    return {exists ? *found : candidates.front(), exists};
}

/// Tells whether this process may start a service and follow its start.
bool MayStart(SC_HANDLE manager, const std::wstring& name) {
    const UniqueScHandle service{
        ::OpenServiceW(manager, name.c_str(), SERVICE_START | SERVICE_QUERY_STATUS)};
    if (!service && ::GetLastError() != ERROR_ACCESS_DENIED) {
        ThrowLastError("OpenServiceW");
    }
    return static_cast<bool>(service);
}

ServiceStatus ToStatus(const SERVICE_STATUS_PROCESS& status) {
    return {status.dwCurrentState, status.dwProcessId, status.dwWaitHint, status.dwWin32ExitCode};
}

}  // namespace

std::wstring JoinStrings(const std::vector<std::wstring>& strings) {
    std::wstring text;
    for (const std::wstring& string : strings) {
        text.append(string).push_back(L'\0');
    }
    return text;
}

std::optional<ServiceStatus> QueryService(const std::wstring& name) {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT);
    const UniqueScHandle service = OpenExistingService(manager.get(), name, SERVICE_QUERY_STATUS);
    return service ? std::optional{ToStatus(ReadStatus(service.get()))} : std::nullopt;
}

std::optional<ServiceDescription> DescribeService(const std::wstring& name) {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT);
    const UniqueScHandle service =
        OpenExistingService(manager.get(), name, SERVICE_QUERY_STATUS | SERVICE_QUERY_CONFIG);
    if (!service) {
        return std::nullopt;
    }
    const ServiceConfig config{service.get()};
    return ServiceDescription{
        ToStatus(ReadStatus(service.get())),
        config->dwStartType,
        IsAutomatic(config) && HasDelayedStart(service.get(), name),
        FindProgram(config->lpBinaryPathName),
        MayStart(manager.get(), name),
        DependenciesOf(name),
    };
}

void SetServiceStartType(const std::wstring& name, DWORD startType, bool isDelayed) {
    const UniqueScHandle service =
        OpenRequiredService(name, SERVICE_QUERY_CONFIG | SERVICE_CHANGE_CONFIG);
    // No list means "unchanged", except under Wine 8, which forgets the dependencies.
    const std::optional<std::wstring> dependencies =
        IsWine() ? std::optional{JoinStrings(DependenciesOf(name))} : std::nullopt;
    if (::ChangeServiceConfigW(service.get(), SERVICE_NO_CHANGE, startType, SERVICE_NO_CHANGE,
                               nullptr, nullptr, nullptr,
                               dependencies ? dependencies->c_str() : nullptr, nullptr, nullptr,
                               nullptr) == FALSE) {
        ThrowLastError("ChangeServiceConfigW");
    }
    // The flag means something for an automatic service only. It is not touched where it is right
    // already, because Windows refuses it for some services, and Wine 8 for all.
    if (startType == SERVICE_AUTO_START && HasDelayedStart(service.get(), name) != isDelayed) {
        SERVICE_DELAYED_AUTO_START_INFO info{isDelayed ? TRUE : FALSE};
        if (::ChangeServiceConfig2W(service.get(), SERVICE_CONFIG_DELAYED_AUTO_START_INFO, &info) ==
            FALSE) {
            ThrowLastError("ChangeServiceConfig2W");
        }
    }
    // Windows writes its registry to the disk later, and a power cut must find this there.
    FlushRegistryKey(kServicesKey + name);
}

std::vector<ServiceDependencies> ListServiceDependencies() {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE);
    std::vector<ServiceDependencies> services;
    for (std::wstring& name : AllServiceNames(manager.get())) {
        std::vector<std::wstring> dependsOn = DependenciesOf(name);
        services.push_back({std::move(name), std::move(dependsOn)});
    }
    return services;
}

}  // namespace wsb::win
