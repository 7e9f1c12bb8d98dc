#include "server-lifetime.hpp"

#include <objbase.h>

#include <chrono>
#include <utility>

#include "../win/hresult.hpp"

namespace wsb::com {
namespace {

// The time that COM lets a client wait for a server to start. The client that caused this start may
// arrive that late.
constexpr std::chrono::seconds kActivationLimit{60};

}  // namespace

ServerLifetime::ServerLifetime(std::chrono::milliseconds linger, std::function<void()> onIdle)
    : m_onIdle(std::move(onIdle)),
      m_uses(linger, *this),
      m_timer(::CreateThreadpoolTimer(&ServerLifetime::OnTimer, this, nullptr)) {
    if (!m_timer) {
        win::ThrowLastError("CreateThreadpoolTimer");
    }
    ::CoAddRefServerProcess();
}

ServerLifetime::~ServerLifetime() {
    Stop();
    // Disarmed first, because the timer could otherwise fire between the wait and the close.
    ::SetThreadpoolTimer(m_timer.get(), nullptr, 0, 0);
    ::WaitForThreadpoolTimerCallbacks(m_timer.get(), TRUE);
}

bool ServerLifetime::EndIfIdle() {
    if (!m_uses.GiveUpIfIdle()) {
        return false;
    }
    m_onIdle();
    return true;
}

void ServerLifetime::Arm() noexcept { m_uses.Arm(kActivationLimit); }

void ServerLifetime::AddProcessReference() noexcept { ::CoAddRefServerProcess(); }

void ServerLifetime::ReleaseProcessReference() noexcept { ::CoReleaseServerProcess(); }

void ServerLifetime::SetTimer(std::chrono::milliseconds delay) noexcept {
    // A negative due time is relative, in units of 100 ns. Setting the timer again replaces it.
    ULARGE_INTEGER due{};
    due.QuadPart = static_cast<ULONGLONG>(-10'000LL * delay.count());
    FILETIME time{due.LowPart, due.HighPart};
    ::SetThreadpoolTimer(m_timer.get(), &time, 0, 0);
}

void CALLBACK ServerLifetime::OnTimer(PTP_CALLBACK_INSTANCE /*instance*/, void* self,
                                      PTP_TIMER /*timer*/) {
    static_cast<void>(static_cast<ServerLifetime*>(self)->EndIfIdle());
}

}  // namespace wsb::com
