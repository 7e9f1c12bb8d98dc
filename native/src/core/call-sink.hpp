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

/// Borrowed from the RPC buffer: valid while the COM method has not returned.
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

/// Alternatives in the order of `kMethodNames`.
using Call = std::variant<PreRestoreCall, PostRestoreCall, OrderComponentsCall,
                          IsRollForwardSupportedCall, CheckConsistencyCall>;

inline constexpr const char* kMethodNames[] = {"preRestore", "postRestore", "orderComponents",
                                               "isRollForwardSupported", "checkConsistency"};
static_assert(std::size(kMethodNames) == std::variant_size_v<Call>);

/// Why a check ends before it is done.
enum class AbortReason { kAborted, kReleased, kClientExited };

struct OwnedComponent {
    std::optional<std::wstring> componentName;
    std::optional<std::wstring> logicalPath;
};

struct Reply {
    Hresult hresult = kUnexpected;
    std::wstring description;
    bool rollForwardSupported = false;
    /// Where each component of the order is in the call; not checked yet.
    std::optional<std::vector<uint32_t>> order;
    std::shared_ptr<OperationState> operation;
};

[[nodiscard]] inline Reply FailedReply(Hresult hresult, std::wstring description) {
    Reply reply;
    reply.hresult = hresult;
    reply.description = std::move(description);
    return reply;
}

/// Where COM calls go. Called on RPC threads; every wait inside is bounded.
class CallSink {
  public:
    CallSink() = default;
    CallSink(const CallSink&) = delete;
    CallSink& operator=(const CallSink&) = delete;
    virtual ~CallSink() = default;

    /// Blocks until the call is answered, its limit has passed or the sink has stopped.
    /// @param clientId Process that calls, 0 when unknown.
    virtual Reply Dispatch(const Call& call, uint32_t clientId) = 0;

    /// Tells the side that runs the check to stop; never blocks.
    virtual void AbortOperation(uint32_t id, AbortReason reason) noexcept = 0;
};

}  // namespace wsb
