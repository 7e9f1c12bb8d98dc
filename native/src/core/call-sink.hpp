#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "hresult.hpp"
#include "operation-state.hpp"

namespace wsb {

/// A string in the RPC buffer: valid until the COM method returns.
using BorrowedString = const wchar_t*;

struct BorrowedComponent {
    BorrowedString writerMetadata;
    BorrowedString componentName;
    BorrowedString logicalPath;
};

struct PreRestoreCall {
    BorrowedComponent component;
    bool noRollForward;
};

struct PostRestoreCall {
    BorrowedComponent component;
    bool noRollForward;
};

struct OrderComponentsCall {
    std::span<wchar_t* const> names;
    std::span<wchar_t* const> logicalPaths;
};

struct IsRollForwardSupportedCall {};

struct CheckConsistencyCall {
    BorrowedComponent component;
    uint32_t volumeCount;
    wchar_t* const* sourceVolumePaths;    // null when the caller passed NULL
    wchar_t* const* snapshotVolumePaths;  // likewise
};

/// A call of any method; the alternatives are in the order of `kMethodNames`.
using Call = std::variant<PreRestoreCall, PostRestoreCall, OrderComponentsCall,
                          IsRollForwardSupportedCall, CheckConsistencyCall>;

inline constexpr const char* kMethodNames[] = {"preRestore", "postRestore", "orderComponents",
                                               "isRollForwardSupported", "checkConsistency"};
static_assert(std::size(kMethodNames) == std::variant_size_v<Call>);

/// The reason for which a check is aborted.
enum class AbortReason { kAborted, kReleased, kClientExited };

struct OwnedComponent {
    std::optional<std::wstring> componentName;
    std::optional<std::wstring> logicalPath;
};

struct Reply {
    Hresult hresult = kUnexpected;
    std::wstring description;
    bool rollForwardSupported = false;
    /// The index in the call of each component of the order; not checked yet.
    std::optional<std::vector<uint32_t>> order;
    std::shared_ptr<OperationState> operation;
};

[[nodiscard]] inline Reply FailedReply(Hresult hresult, std::wstring description) {
    Reply reply;
    reply.hresult = hresult;
    reply.description = std::move(description);
    return reply;
}

/// The receiver of COM calls. It is called on RPC threads, and each of its waits is bounded.
class CallSink {
  public:
    CallSink() = default;
    CallSink(const CallSink&) = delete;
    CallSink& operator=(const CallSink&) = delete;
    virtual ~CallSink() = default;

    /// Passes on a call and blocks until it is answered, its limit has passed or the sink has
    /// stopped.
    /// @param clientId The id of the calling process, 0 when unknown.
    virtual Reply Dispatch(const Call& call, uint32_t clientId) = 0;

    /// Asks JavaScript to stop a check; never blocks.
    virtual void AbortOperation(uint32_t id, AbortReason reason) noexcept = 0;
};

}  // namespace wsb
