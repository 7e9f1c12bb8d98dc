#pragma once

#include <windows.h>

#include <string>

#include "unique-any.hpp"

namespace wsb::win {

using UniqueScHandle = UniqueAny<SC_HANDLE, ::CloseServiceHandle>;

[[nodiscard]] UniqueScHandle OpenManager(DWORD access);

/// Opens a service; an empty handle when it does not exist.
[[nodiscard]] UniqueScHandle OpenExistingService(SC_HANDLE manager, const std::wstring& name,
                                                 DWORD access);

/// Opens a service.
/// @exception HresultError with ERROR_SERVICE_DOES_NOT_EXIST when it does not exist.
[[nodiscard]] UniqueScHandle OpenRequiredService(const std::wstring& name, DWORD access);

/// Returns the state of a service that is open with SERVICE_QUERY_STATUS.
[[nodiscard]] SERVICE_STATUS_PROCESS ReadStatus(SC_HANDLE service);

}  // namespace wsb::win
