#include "use-count.hpp"

#include <algorithm>

namespace wsb {

bool UseCount::TryEnter() {
    const Lock lock{m_mutex};
    if (m_stopping) {
        return false;
    }
    m_host.AddProcessReference();
    ++m_uses;
    return true;
}

void UseCount::Leave() noexcept {
    const Lock lock{m_mutex};
    --m_uses;
    m_host.ReleaseProcessReference();
    SetTimerLocked(lock, m_linger);
}

void UseCount::Arm(std::chrono::milliseconds atLeast) noexcept {
    const Lock lock{m_mutex};
    SetTimerLocked(lock, std::max(m_linger, atLeast));
}

void UseCount::Stop() noexcept {
    const Lock lock{m_mutex};
    StopLocked(lock);
}

bool UseCount::GiveUpIfIdle() noexcept {
    const Lock lock{m_mutex};
    if (m_uses > 0 || m_stopping) {
        return false;
    }
    StopLocked(lock);
    return true;
}

void UseCount::SetTimerLocked(const Lock& /*lock*/, std::chrono::milliseconds delay) noexcept {
    if (m_uses == 0 && !m_stopping) {
        m_host.SetTimer(delay);
    }
}

void UseCount::StopLocked(const Lock& /*lock*/) noexcept {
    if (!m_stopping) {
        m_stopping = true;
        m_host.ReleaseProcessReference();
    }
}

}  // namespace wsb
