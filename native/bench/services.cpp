#include <windows.h>

#include <winsvc.h>

#include <string>
#include <vector>

#include "measures.hpp"
#include "remote.hpp"
#include "samples.hpp"
#include "win/hresult.hpp"
#include "win/unique-any.hpp"

namespace wsb::bench {
namespace {

using UniqueService = win::UniqueAny<SC_HANDLE, ::CloseServiceHandle>;

constexpr DWORD kLookEveryMs = 1;

void WaitFor(SC_HANDLE service, DWORD state) {
    SERVICE_STATUS status{};
    for (;;) {
        if (::QueryServiceStatus(service, &status) == FALSE) {
            win::ThrowLastError("QueryServiceStatus");
        }
        if (status.dwCurrentState == state) {
            return;
        }
        ::Sleep(kLookEveryMs);
    }
}

void StopAndStart(SC_HANDLE service) {
    SERVICE_STATUS status{};
    if (::ControlService(service, SERVICE_CONTROL_STOP, &status) == FALSE) {
        win::ThrowLastError("ControlService");
    }
    WaitFor(service, SERVICE_STOPPED);
    if (::StartServiceW(service, 0, nullptr) == FALSE) {
        win::ThrowLastError("StartServiceW");
    }
    WaitFor(service, SERVICE_RUNNING);
}

}  // namespace

void MeasureService(const Request& request) {
    const UniqueService manager{::OpenSCManagerW(nullptr, nullptr, SC_MANAGER_CONNECT)};
    const UniqueService service{::OpenServiceW(
        manager.get(), request.text.c_str(), SERVICE_START | SERVICE_STOP | SERVICE_QUERY_STATUS)};
    if (!service) {
        win::ThrowLastError("OpenServiceW");
    }
    const Remote ours = Activate(request.ours);
    const auto restore = [&] {
        PreRestore(ours, nullptr, L"bench");
        PostRestore(ours, L"bench");
    };
    restore();
    StopAndStart(service.get());
    Print(Alternate(
        request.rounds, [&] { return std::vector{Microseconds(restore)}; },
        [&] { return std::vector{Microseconds([&] { StopAndStart(service.get()); })}; }));
}

}  // namespace wsb::bench
