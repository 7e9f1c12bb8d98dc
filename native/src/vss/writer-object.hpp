#pragma once

#include <windows.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "../core/writer-events.hpp"
#include "vss-abi.hpp"
#include "writer-plan.hpp"

namespace wsb::vss {

/// The object that VSS calls. Its functions run on threads of VSS, several at a time: Identify may
/// come within a backup. It must outlive its subscription.
class WriterObject final : private Writer {
  public:
    WriterObject(WriterPlan plan, std::shared_ptr<WriterEvents> events);
    WriterObject(const WriterObject&) = delete;
    WriterObject& operator=(const WriterObject&) = delete;
    ~WriterObject() = default;

    /// Returns the object in VSS's layout.
    [[nodiscard]] Writer* Raw() noexcept { return this; }

    /// Sets VSS's side, which answers only during a call. Call it before VSS calls the object.
    void SetImpl(WriterImpl* vss) noexcept { impl = vss; }

  private:
    struct Calls;  // the functions of the table

    [[nodiscard]] static const WriterVtable& Table() noexcept;

    bool Identify(WriterMetadata* metadata) noexcept;
    bool Handle(WriterEvent event, WriterComponents* components,
                const GUID& snapshotSetId) noexcept;
    bool Fail(const WriterFailure& failure) noexcept;

    [[nodiscard]] GUID CurrentSetId() noexcept;
    [[nodiscard]] WriterRequest ReadRequest(WriterEvent event, WriterComponents* components,
                                            const GUID& snapshotSetId);
    [[nodiscard]] std::vector<WriterVolume> ReadVolumes() const;

    const WriterPlan m_plan;
    const std::vector<std::wstring> m_folders;
    const std::shared_ptr<WriterEvents> m_events;

    std::mutex m_mutex;  // guards what one event tells and a later one needs
    std::optional<std::vector<OwnedComponent>> m_components;
    std::vector<WriterVolume> m_volumes;
};

}  // namespace wsb::vss
