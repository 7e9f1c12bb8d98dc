#include "server-lifetime.hpp"

#include <objbase.h>

#include <algorithm>
#include <utility>

#include "../win/hresult.hpp"

namespace wsb::com {
namespace {

// How long COM lets a client wait for a server it has started: whoever caused this one to start
// may come that late.
constexpr std::chrono::seconds kActivationLimit{60};

}  // namespace

ServerLifetime::ServerLifetime(std::chrono::milliseconds linger, std::function<void()> onIdle)
    : m_linger(linger),
      m_onIdle(std::move(onIdle)),
      m_timer(::CreateThreadpoolTimer(&ServerLifetime::OnTimer, this, nullptr)) {
    if (!m_timer) {
        win::ThrowLastError("CreateThreadpoolTimer");
    }
    ::CoAddRefServerProcess();
}

ServerLifetime::~ServerLifetime() {
    Stop();
    // Disarmed first, or the timer could fire between the wait and its end.
    ::SetThreadpoolTimer(m_timer.get(), nullptr, 0, 0);
    ::WaitForThreadpoolTimerCallbacks(m_timer.get(), TRUE);
}

bool ServerLifetime::TryEnter() {
    const std::lock_guard lock{m_mutex};
    if (m_stopping) {
        return false;
    }
    ::CoAddRefServerProcess();
    ++m_uses;
    return true;
}

void ServerLifetime::Leave() noexcept {
    const std::lock_guard lock{m_mutex};
    --m_uses;
    ::CoReleaseServerProcess();
    ArmLocked(m_linger);
}

void ServerLifetime::Arm() noexcept {
    const std::lock_guard lock{m_mutex};
    ArmLocked(std::max<std::chrono::milliseconds>(m_linger, kActivationLimit));
}

void ServerLifetime::Stop() noexcept {
    const std::lock_guard lock{m_mutex};
    if (!m_stopping) {
        m_stopping = true;
        ::CoReleaseServerProcess();
    }
}

void ServerLifetime::ArmLocked(std::chrono::milliseconds delay) noexcept {
    if (m_uses > 0 || m_stopping) {
        return;
    }
    // A negative due time is relative, in units of 100 ns. Setting the timer again replaces it.
    ULARGE_INTEGER due{};
    due.QuadPart = static_cast<ULONGLONG>(-10'000LL * delay.count());
    FILETIME time{due.LowPart, due.HighPart};
    ::SetThreadpoolTimer(m_timer.get(), &time, 0, 0);
}

void CALLBACK ServerLifetime::OnTimer(PTP_CALLBACK_INSTANCE /*instance*/, void* self,
                                      PTP_TIMER /*timer*/) {
    static_cast<ServerLifetime*>(self)->GiveUpIfIdle();
}

void ServerLifetime::GiveUpIfIdle() {
    {
        const std::lock_guard lock{m_mutex};
        if (m_uses > 0 || m_stopping) {
            return;
        }
        m_stopping = true;
        ::CoReleaseServerProcess();
    }
    m_onIdle();
}

}  // namespace wsb::com
