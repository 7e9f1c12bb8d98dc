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

/// Counts what keeps the server process alive and reports once when it has been idle.
///
/// The process reference of COM (CoAddRefServerProcess) is held from the start. When no use is
/// left for `linger`, it is given up: COM then suspends the class objects in the same step, so
/// that an activation racing the exit is turned away to a new process instead of being lost.
/// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coreleaseserverprocess
class ServerLifetime final : private UseCount::Host {
  public:
    /// `onIdle` runs at most once, on a thread pool thread.
    ServerLifetime(std::chrono::milliseconds linger, std::function<void()> onIdle);
    ServerLifetime(const ServerLifetime&) = delete;
    ServerLifetime& operator=(const ServerLifetime&) = delete;
    ~ServerLifetime();

    /// Begins a use; false when the server is stopping already.
    [[nodiscard]] bool TryEnter() { return m_uses.TryEnter(); }

    /// Ends a use that began.
    void Leave() noexcept { m_uses.Leave(); }

    /// Waits for the first use, at least as long as COM waits for a server; call it when the class
    /// can be activated.
    void Arm() noexcept;

    /// Turns away every later use; `onIdle` will not run any more.
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

/// One use of the server, for as long as the object lives.
class ServerUse {
  public:
    /// Nothing when the server is stopping already.
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
