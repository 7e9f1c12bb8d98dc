#include "notified-service.hpp"

#include <utility>

namespace wsb::win {
namespace {

// Windows queues no notification after the handle is closed. Wine may still be about to.
constexpr ULONGLONG kDrainMs = 20;

}  // namespace

NotifiedService::NotifiedService(UniqueScHandle service) noexcept : m_service(std::move(service)) {}

NotifiedService::~NotifiedService() {
    m_service.reset();
    // A notification that is queued already would be written to a dead object later.
    const ULONGLONG until = ::GetTickCount64() + kDrainMs;
    for (ULONGLONG now = ::GetTickCount64(); m_isArmed && now < until; now = ::GetTickCount64()) {
        ::SleepEx(static_cast<DWORD>(until - now), TRUE);
    }
}

DWORD NotifiedService::Arm(DWORD mask) noexcept {
    if (m_isArmed) {
        return ERROR_SUCCESS;
    }
    m_buffer = {};
    m_buffer.dwVersion = SERVICE_NOTIFY_STATUS_CHANGE;
    m_buffer.pfnNotifyCallback = &NotifiedService::OnChanged;
    m_buffer.pContext = this;
    const DWORD error = ::NotifyServiceStatusChangeW(m_service.get(), mask, &m_buffer);
    m_isArmed = error == ERROR_SUCCESS;
    return error;
}

std::optional<SERVICE_NOTIFYW> NotifiedService::Take() noexcept {
    return std::exchange(m_hasCome, false) ? std::optional{m_buffer} : std::nullopt;
}

void CALLBACK NotifiedService::OnChanged(void* buffer) noexcept {
    auto& self = *static_cast<NotifiedService*>(static_cast<SERVICE_NOTIFYW*>(buffer)->pContext);
    self.m_isArmed = false;
    self.m_hasCome = true;
}

}  // namespace wsb::win
