#pragma once

#include <windows.h>

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "../core/writer-events.hpp"
#include "writer-plan.hpp"

namespace wsb::vss {

struct WriterOptions {
    GUID id;
    std::wstring name;
    WriterPlan plan;
    /// The self-relative security descriptor that says who may call this process through COM.
    std::vector<uint8_t> accessDescriptor;
    /// VSS's own limit between freeze and thaw.
    DWORD freezeTimeoutMs;
};

/// The functions run on the writer's thread and must not throw.
struct WriterHostEvents {
    std::function<void()> onSubscribed;
    /// The last event: VSS refused, or does not call any more.
    std::function<void(std::exception_ptr)> onEnded;
};

/// A subscribed writer, with the one thread that may create, subscribe and unsubscribe it. The
/// thread keeps what it uses. https://learn.microsoft.com/windows/win32/vss/writers
class WriterHost {
  public:
    WriterHost(WriterOptions options, std::shared_ptr<WriterEvents> events,
               WriterHostEvents hostEvents);
    WriterHost(const WriterHost&) = delete;
    WriterHost& operator=(const WriterHost&) = delete;
    /// Takes the events back and unsubscribes without waiting.
    ~WriterHost();

    /// Asks the thread to unsubscribe. Idempotent; does not wait.
    void Unsubscribe() noexcept;

  private:
    class Core;

    const std::shared_ptr<Core> m_core;
};

}  // namespace wsb::vss
