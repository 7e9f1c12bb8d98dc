#include "service-handle.hpp"

#include "hresult.hpp"

namespace wsb::win {

UniqueScHandle OpenManager(DWORD access) {
    UniqueScHandle manager{::OpenSCManagerW(nullptr, nullptr, access)};
    if (!manager) {
        ThrowLastError("OpenSCManagerW");
    }
    return manager;
}

UniqueScHandle OpenExistingService(SC_HANDLE manager, const std::wstring& name, DWORD access) {
    UniqueScHandle service{::OpenServiceW(manager, name.c_str(), access)};
    if (!service && ::GetLastError() != ERROR_SERVICE_DOES_NOT_EXIST) {
        ThrowLastError("OpenServiceW");
    }
    return service;
}

UniqueScHandle OpenRequiredService(const std::wstring& name, DWORD access) {
    const UniqueScHandle manager = OpenManager(SC_MANAGER_CONNECT);
    UniqueScHandle service = OpenExistingService(manager.get(), name, access);
    if (!service) {
        throw HresultError{HRESULT_FROM_WIN32(ERROR_SERVICE_DOES_NOT_EXIST), "OpenServiceW"};
    }
    return service;
}

SERVICE_STATUS_PROCESS ReadStatus(SC_HANDLE service) {
    SERVICE_STATUS_PROCESS status{};
    DWORD needed = 0;
    if (::QueryServiceStatusEx(service, SC_STATUS_PROCESS_INFO, reinterpret_cast<BYTE*>(&status),
                               sizeof status, &needed) == FALSE) {
        ThrowLastError("QueryServiceStatusEx");
    }
    return status;
}

}  // namespace wsb::win
