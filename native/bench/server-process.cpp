#include "server-process.hpp"

#include <windows.h>

#include <objbase.h>

namespace wsb::bench {
namespace {

HANDLE UnusedEvent() noexcept {
    static const HANDLE event = ::CreateEventW(nullptr, TRUE, FALSE, nullptr);
    return event;
}

}  // namespace

void EnterProcess() noexcept { ::CoAddRefServerProcess(); }

void LeaveProcess() noexcept {
    if (::CoReleaseServerProcess() == 0) {
        ::SetEvent(UnusedEvent());
    }
}

void WaitUntilUnused() noexcept { ::WaitForSingleObject(UnusedEvent(), INFINITE); }

}  // namespace wsb::bench
