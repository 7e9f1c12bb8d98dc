#include "notified-service.hpp"

#include <utility>

#include "wine.hpp"

namespace wsb::win {
namespace {

// Windows queues no notification after the handle is closed. Wine may still be about to.
constexpr ULONGLONG kDrainMs = 20;

}  // namespace

NotifiedService::NotifiedService(UniqueScHandle service)
    : m_service(std::move(service)), m_notification(std::make_unique<Notification>()) {}

NotifiedService::~NotifiedService() {
    m_service.reset();
    const ULONGLONG until = ::GetTickCount64() + kDrainMs;
    for (ULONGLONG now = ::GetTickCount64(); m_notification->isArmed && now < until;
         now = ::GetTickCount64()) {
        ::SleepEx(static_cast<DWORD>(until - now), TRUE);
    }
    // On a busy machine it may come even later, and would be written to a dead object.
    if (m_notification->isArmed && IsWine()) {
        static_cast<void>(m_notification.release());
    }
}

DWORD NotifiedService::Arm(DWORD mask) noexcept {
    if (m_notification->isArmed) {
        return ERROR_SUCCESS;
    }
    SERVICE_NOTIFYW& buffer = m_notification->buffer;
    buffer = {};
    buffer.dwVersion = SERVICE_NOTIFY_STATUS_CHANGE;
    buffer.pfnNotifyCallback = &NotifiedService::OnChanged;
    buffer.pContext = m_notification.get();
    const DWORD error = ::NotifyServiceStatusChangeW(m_service.get(), mask, &buffer);
    m_notification->isArmed = error == ERROR_SUCCESS;
    return error;
}

std::optional<SERVICE_NOTIFYW> NotifiedService::Take() noexcept {
    return std::exchange(m_notification->hasCome, false) ? std::optional{m_notification->buffer}
                                                         : std::nullopt;
}

void CALLBACK NotifiedService::OnChanged(void* buffer) noexcept {
    auto& self = *static_cast<Notification*>(static_cast<SERVICE_NOTIFYW*>(buffer)->pContext);
    self.isArmed = false;
    self.hasCome = true;
}

}  // namespace wsb::win
