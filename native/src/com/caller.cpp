#include "caller.hpp"

#include <rpc.h>
#include <rpcasync.h>

#include <cstdint>

#include "../win/wine.hpp"

namespace wsb::com {
namespace {

// rpcasync.h. The header of mingw-w64 has the structure without its constants.
constexpr unsigned int kAttributesVersion = 2;
constexpr unsigned long kQueryClientPid = 0x10;

DWORD AskWindows() noexcept {
    RPC_CALL_ATTRIBUTES_V2_W attributes{};
    attributes.Version = kAttributesVersion;
    attributes.Flags = kQueryClientPid;
    if (::RpcServerInqCallAttributesW(nullptr, &attributes) != RPC_S_OK) {
        return 0;
    }
    // Declared as a handle, but it is an id.
    return static_cast<DWORD>(reinterpret_cast<uintptr_t>(attributes.ClientPID));
}

/// Asks Wine, where RpcServerInqCallAttributes is a stub that raises an exception.
DWORD AskWine() noexcept {
    const RPC_BINDING_HANDLE call = ::I_RpcGetCurrentCallHandle();
    unsigned long id = 0;
    const bool known = call != nullptr && ::I_RpcBindingInqLocalClientPID(call, &id) == RPC_S_OK;
    return known ? id : 0;
}

}  // namespace

DWORD CallerProcessId() noexcept { return win::IsWine() ? AskWine() : AskWindows(); }

std::optional<win::Process> OpenCallerProcess() noexcept try {
    return win::Process::Open(CallerProcessId());
} catch (...) {
    return std::nullopt;
}

}  // namespace wsb::com
