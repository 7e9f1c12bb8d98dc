#include "writer-object.hpp"

#include <oleauto.h>
#include <vsserror.h>
#include <wrl/client.h>

#include <algorithm>
#include <utility>

#include "../win/hresult.hpp"
#include "../win/unique-any.hpp"
#include "../win/volume.hpp"

namespace wsb::vss {
namespace {

static_assert(kWriterOutOfResources == VSS_E_WRITERERROR_OUTOFRESOURCES &&
              kWriterTimedOut == VSS_E_WRITERERROR_TIMEOUT &&
              kWriterRetryable == VSS_E_WRITERERROR_RETRYABLE);

using UniqueBstr = win::UniqueAny<BSTR, ::SysFreeString>;

std::optional<std::wstring> ToText(const UniqueBstr& text) {
    // BSTR's null is an empty string.
    return text ? std::optional<std::wstring>{std::wstring{text.get(), ::SysStringLen(text.get())}}
                : std::nullopt;
}

OwnedComponent ReadComponent(WriterComponents& components, UINT index) {
    Microsoft::WRL::ComPtr<Component> component;
    win::ThrowIfFailed(components.GetComponent(index, component.GetAddressOf()), "GetComponent");
    UniqueBstr name;
    UniqueBstr logicalPath;
    win::ThrowIfFailed(component->GetComponentName(name.put()), "GetComponentName");
    // S_FALSE and no text for a component at the top.
    win::ThrowIfFailed(component->GetLogicalPath(logicalPath.put()), "GetLogicalPath");
    return {ToText(name), ToText(logicalPath)};
}

std::vector<OwnedComponent> ReadComponents(WriterComponents& components) {
    UINT count = 0;
    win::ThrowIfFailed(components.GetComponentCount(&count), "GetComponentCount");
    std::vector<OwnedComponent> result;
    result.reserve(count);
    for (UINT index = 0; index < count; ++index) {
        result.push_back(ReadComponent(components, index));
    }
    return result;
}

std::wstring GuidText(const GUID& guid) {
    wchar_t text[39];
    static_cast<void>(::StringFromGUID2(guid, text, ARRAYSIZE(text)));
    return text;
}

/// Tells whether VSS knows the shadow copy set during an event.
bool HasSet(WriterEvent event) {
    return event == WriterEvent::kPrepareSnapshot || event == WriterEvent::kFreeze ||
           event == WriterEvent::kThaw || event == WriterEvent::kPostSnapshot ||
           event == WriterEvent::kAbort;
}

}  // namespace

struct WriterObject::Calls {
    static WriterObject& Self(Writer* raw) noexcept { return *static_cast<WriterObject*>(raw); }

    /// VSS never destroys a writer; its owner does.
    static void* STDMETHODCALLTYPE Destroy(Writer* self, UINT /*flags*/) noexcept { return self; }
    static bool STDMETHODCALLTYPE Identify(Writer* self, WriterMetadata* metadata) noexcept {
        return Self(self).Identify(metadata);
    }
    template <WriterEvent Event>
    static bool STDMETHODCALLTYPE Plain(Writer* self) noexcept {
        return Self(self).Handle(Event, nullptr,
                                 HasSet(Event) ? Self(self).CurrentSetId() : GUID{});
    }
    template <WriterEvent Event>
    static bool STDMETHODCALLTYPE WithComponents(Writer* self,
                                                 WriterComponents* components) noexcept {
        return Self(self).Handle(Event, components,
                                 HasSet(Event) ? Self(self).CurrentSetId() : GUID{});
    }
    static bool STDMETHODCALLTYPE BackupShutdown(Writer* self, GUID snapshotSetId) noexcept {
        return Self(self).Handle(WriterEvent::kBackupShutdown, nullptr, snapshotSetId);
    }

    // The writer does not subscribe to these.
    static bool STDMETHODCALLTYPE Restore(Writer* /*self*/, WriterComponents* /*none*/) noexcept {
        return true;
    }
    static bool STDMETHODCALLTYPE Throttle(Writer* /*self*/, LPWSTR /*volume*/, GUID /*snapshotId*/,
                                           GUID /*providerId*/) noexcept {
        return true;
    }
    static bool STDMETHODCALLTYPE Nothing(Writer* /*self*/) noexcept { return true; }
};

const WriterVtable& WriterObject::Table() noexcept {
    static constexpr WriterVtable kTable{
        &Calls::Destroy,
        &Calls::Identify,
        &Calls::WithComponents<WriterEvent::kPrepareBackup>,
        &Calls::Plain<WriterEvent::kPrepareSnapshot>,
        &Calls::Plain<WriterEvent::kFreeze>,
        &Calls::Plain<WriterEvent::kThaw>,
        &Calls::Plain<WriterEvent::kAbort>,
        &Calls::WithComponents<WriterEvent::kBackupComplete>,
        &Calls::BackupShutdown,
        &Calls::Restore,
        &Calls::Restore,
        &Calls::WithComponents<WriterEvent::kPostSnapshot>,
        &Calls::Throttle,
        &Calls::Throttle,
        &Calls::Nothing,
        &Calls::Nothing,
        // Its argument begins with the interface that Identify fills in.
        &Calls::Identify,
    };
    return kTable;
}

WriterObject::WriterObject(WriterPlan plan, std::shared_ptr<WriterEvents> events)
    : Writer{&Table(), nullptr},
      m_plan(std::move(plan)),
      m_folders(FoldersOf(m_plan)),
      m_events(std::move(events)) {}

bool WriterObject::Identify(WriterMetadata* metadata) noexcept try {
    if (metadata == nullptr) {
        return false;
    }
    Describe(m_plan, *metadata);
    return true;
} catch (...) {
    return false;
}

bool WriterObject::Handle(WriterEvent event, WriterComponents* components,
                          const GUID& snapshotSetId) noexcept try {
    const auto failure = m_events->Deliver(ReadRequest(event, components, snapshotSetId));
    return !failure || Fail(*failure);
} catch (...) {
    return Fail({kWriterOutOfResources, win::CaughtHresult(), {}});
}

bool WriterObject::Fail(const WriterFailure& failure) noexcept {
    // On the thread that called, because VSS takes it only there. When VSS does not take it,
    // `false` is a failure that comes again.
    impl->SetWriterFailureEx(failure.hresult, failure.applicationHresult, failure.message.c_str());
    return false;
}

GUID WriterObject::CurrentSetId() noexcept {
    GUID id{};
    impl->GetCurrentSnapshotSetId(&id);
    return id;
}

WriterRequest WriterObject::ReadRequest(WriterEvent event, WriterComponents* components,
                                        const GUID& snapshotSetId) {
    WriterRequest request;
    request.event = event;
    request.backupType = static_cast<uint32_t>(impl->GetBackupType());
    if (snapshotSetId != GUID{}) {
        request.snapshotSetId = GuidText(snapshotSetId);
    }
    std::optional<std::vector<OwnedComponent>> selected;
    if (components != nullptr && impl->AreComponentsSelected() != 0) {
        selected = ReadComponents(*components);
    }
    std::vector<WriterVolume> volumes;
    if (event == WriterEvent::kPrepareSnapshot) {
        volumes = ReadVolumes();
    }
    const std::scoped_lock lock{m_mutex};
    if (components != nullptr) {
        m_components = std::move(selected);
    }
    if (event == WriterEvent::kPrepareSnapshot) {
        m_volumes = std::move(volumes);
    }
    request.components = m_components;
    // They are those of PrepareSnapshot, so that a freeze does not wait for a disk.
    if (event == WriterEvent::kPrepareSnapshot || event == WriterEvent::kFreeze) {
        request.volumes = m_volumes;
    }
    return request;
}

std::vector<WriterVolume> WriterObject::ReadVolumes() const {
    std::vector<WriterVolume> volumes;
    for (const std::wstring& folder : m_folders) {
        const bool isInSet = impl->IsPathAffected(folder.c_str()) != 0;
        const std::wstring volume = win::VolumeOf(folder);
        const auto known = std::ranges::find(volumes, volume, &WriterVolume::volume);
        if (known == volumes.end()) {
            volumes.push_back({volume, isInSet});
        } else {
            known->isInSet = known->isInSet && isInSet;
        }
    }
    return volumes;
}

}  // namespace wsb::vss
