#pragma once

#include <windows.h>

#include <memory>
#include <optional>

#include "service-handle.hpp"

namespace wsb::win {

/// ERROR_SERVICE_NOTIFY_CLIENT_LAGGING, which mingw-w64 does not define: the service must be opened
/// again.
inline constexpr DWORD kClientLagging = 1294;

/// A service that ends an alertable wait of its thread when its state changes. Only that thread
/// uses it.
class NotifiedService final {
  public:
    /// @param service Open with SERVICE_QUERY_STATUS.
    explicit NotifiedService(UniqueScHandle service);
    NotifiedService(const NotifiedService&) = delete;
    NotifiedService& operator=(const NotifiedService&) = delete;
    /// Ends the notification. May wait some milliseconds for one that is on its way.
    ~NotifiedService();

    [[nodiscard]] SC_HANDLE get() const noexcept { return m_service.get(); }

    /// Asks for a notification of the states in `mask` (SERVICE_NOTIFY_…), once. An earlier request
    /// that is not answered yet stays as it is.
    /// @return The error of NotifyServiceStatusChangeW, or ERROR_SUCCESS.
    [[nodiscard]] DWORD Arm(DWORD mask) noexcept;

    [[nodiscard]] bool IsTold() const noexcept { return m_notification->hasCome; }

    /// Returns the notification that came since the last call, if any; its
    /// `dwNotificationStatus` is the error of a notification that failed.
    [[nodiscard]] std::optional<SERVICE_NOTIFYW> Take() noexcept;

  private:
    /// What Windows writes into until the notification has come or the handle is closed.
    struct Notification {
        SERVICE_NOTIFYW buffer{};
        bool isArmed = false;
        bool hasCome = false;
    };

    static void CALLBACK OnChanged(void* buffer) noexcept;

    UniqueScHandle m_service;
    std::unique_ptr<Notification> m_notification;
};

}  // namespace wsb::win
