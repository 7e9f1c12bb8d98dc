#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "call-sink.hpp"
#include "hresult.hpp"

namespace wsb {

/// An event of a backup, in the order of `kWriterEventNames`.
enum class WriterEvent : size_t {
    kPrepareBackup,
    kPrepareSnapshot,
    kFreeze,
    kThaw,
    kPostSnapshot,
    kAbort,
    kBackupComplete,
    kBackupShutdown,
};

inline constexpr std::array kWriterEventNames{"prepareBackup",  "prepareSnapshot", "freeze",
                                              "thaw",           "postSnapshot",    "abort",
                                              "backupComplete", "backupShutdown"};

// vsserror.h; vss/writer-object.cpp checks these values against it.
inline constexpr auto kWriterOutOfResources = static_cast<Hresult>(0x800423F1);
inline constexpr auto kWriterTimedOut = static_cast<Hresult>(0x800423F2);
inline constexpr auto kWriterRetryable = static_cast<Hresult>(0x800423F3);

/// The time limit of each event's caller.
using WriterLimits = std::array<std::chrono::milliseconds, kWriterEventNames.size()>;

struct WriterVolume {
    std::wstring volume;
    bool isInSet;
};

/// What VSS says about an event, copied on its thread.
struct WriterRequest {
    WriterEvent event;
    uint32_t backupType = 0;
    std::optional<std::vector<OwnedComponent>> components;
    std::optional<std::wstring> snapshotSetId;
    std::vector<WriterVolume> volumes;
};

struct WriterFailure {
    Hresult hresult;
    Hresult applicationHresult;
    std::wstring message;
};

/// A notice for the answering thread: a request, or the end of its caller's patience.
struct WriterNotice {
    uint32_t id;
    std::shared_ptr<const WriterRequest> request;  // null: the event `id` has expired
};

/// The events of a backup that wait for an answer from one other thread, the JavaScript thread.
///
/// VSS's threads deliver events and wait with a limit. The answering thread takes one notice for
/// each post and completes the event by its id. Who is first, the answer or the limit, decides.
class WriterEvents {
  public:
    /// Tells the answering thread of a new notice; false when that thread has ended. Runs with a
    /// lock held: it must not block or call this class.
    using Post = std::function<bool()>;

    /// @param onStuck Runs on VSS's thread when a delivered freeze cannot be ended, because the
    ///        answering thread does not take the event that ends it.
    WriterEvents(const WriterLimits& limits, Post post, std::function<void()> onStuck);

    // For VSS's threads:

    /// Delivers an event and blocks until it is completed, its limit has passed or Stop was called.
    /// Nothing means success.
    [[nodiscard]] std::optional<WriterFailure> Deliver(WriterRequest request);

    // For the answering thread:

    /// Takes the oldest notice; nothing when it was dropped, because the caller has given up.
    [[nodiscard]] std::optional<WriterNotice> Take();

    /// Completes an event; false when its caller no longer waits.
    bool Complete(uint32_t id, std::optional<WriterFailure> failure);

    /// Fails waiting and later events. Idempotent.
    void Stop();

  private:
    struct Waiting {
        std::shared_ptr<const WriterRequest> request;
        std::atomic<uint32_t> isOver = 0;  // VSS's thread waits on it
        bool isTaken = false;
        std::optional<WriterFailure> failure;
    };

    [[nodiscard]] std::shared_ptr<Waiting> Enter(WriterRequest&& request, uint32_t& id);

    /// Ends the wait of an event whose limit has passed; true when the answering thread is stuck.
    [[nodiscard]] bool Expire(const std::lock_guard<std::mutex>& lock, uint32_t id,
                              const Waiting& waiting);
    bool PostLocked(const std::lock_guard<std::mutex>& lock, WriterNotice notice);

    const WriterLimits m_limits;
    const Post m_post;
    const std::function<void()> m_onStuck;
    std::mutex m_mutex;  // guards the members below; never held while a caller waits
    bool m_isStopped = false;
    bool m_owesThaw = false;  // a freeze was taken, and no event since that ends it
    uint32_t m_lastId = 0;
    std::deque<WriterNotice> m_notices;
    std::map<uint32_t, std::shared_ptr<Waiting>> m_waiting;
};

}  // namespace wsb
