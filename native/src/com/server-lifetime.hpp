#pragma once

#include <windows.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "../core/use-count.hpp"
#include "../win/unique-any.hpp"

namespace wsb::com {

/// A counter of the uses of the server process, which reports once when the server is idle.
///
/// It holds COM's process reference (CoAddRefServerProcess) from the start and releases it after
/// `linger` without a use. COM then suspends the class objects in the same step, so an activation
/// that races with the exit goes to a new process and is not lost.
/// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coreleaseserverprocess
class ServerLifetime final : private UseCount::Host {
  public:
    /// @param onIdle Runs at most once, on a thread pool thread or in EndIfIdle.
    ServerLifetime(std::chrono::milliseconds linger, std::function<void()> onIdle);
    ServerLifetime(const ServerLifetime&) = delete;
    ServerLifetime& operator=(const ServerLifetime&) = delete;
    ~ServerLifetime();

    /// Begins a use; false when the server is already stopping.
    [[nodiscard]] bool TryEnter() { return m_uses.TryEnter(); }

    /// Ends a use.
    void Leave() noexcept { m_uses.Leave(); }

    /// Starts to wait for the first use, at least as long as COM waits for a server. Call it when
    /// the class can be activated.
    void Arm() noexcept;

    /// Ends the server when it is not used; it runs `onIdle` then. False when it is used.
    [[nodiscard]] bool EndIfIdle();

    /// Refuses every later use; `onIdle` does not run after it.
    void Stop() noexcept { m_uses.Stop(); }

  private:
    static void CALLBACK OnTimer(PTP_CALLBACK_INSTANCE instance, void* self, PTP_TIMER timer);
    void AddProcessReference() noexcept override;
    void ReleaseProcessReference() noexcept override;
    void SetTimer(std::chrono::milliseconds delay) noexcept override;

    const std::function<void()> m_onIdle;
    UseCount m_uses;
    win::UniqueAny<PTP_TIMER, ::CloseThreadpoolTimer> m_timer;
};

/// A use of the server during the life of this object.
class ServerUse {
  public:
    /// Begins a use; nothing when the server is already stopping.
    [[nodiscard]] static std::optional<ServerUse> Begin(std::shared_ptr<ServerLifetime> lifetime) {
        return lifetime->TryEnter() ? std::optional{ServerUse{std::move(lifetime)}} : std::nullopt;
    }

    ServerUse(ServerUse&&) noexcept = default;
    ServerUse& operator=(ServerUse&&) = delete;
    ServerUse(const ServerUse&) = delete;
    ServerUse& operator=(const ServerUse&) = delete;
    ~ServerUse() {
        if (m_lifetime) {
            m_lifetime->Leave();
        }
    }

    [[nodiscard]] const std::shared_ptr<ServerLifetime>& Lifetime() const noexcept {
        return m_lifetime;
    }

  private:
    explicit ServerUse(std::shared_ptr<ServerLifetime> lifetime) noexcept
        : m_lifetime(std::move(lifetime)) {}

    std::shared_ptr<ServerLifetime> m_lifetime;
};

}  // namespace wsb::com
