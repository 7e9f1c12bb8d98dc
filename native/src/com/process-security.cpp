#include "process-security.hpp"

#include <windows.h>

#include <objbase.h>

#include "../win/hresult.hpp"
#include "../win/security-descriptor.hpp"

namespace wsb::com {

void SetProcessSecurity(const std::vector<uint8_t>& accessDescriptor) {
    win::AbsoluteDescriptor descriptor{accessDescriptor};
    // This process runs as LocalSystem, so what it does for others is kept small:
    // - It obeys nobody it does not know. Calls on one machine come through ALPC, which always
    //   protects them in full, so the highest level costs nothing; without a level COM would not
    //   look at the descriptor.
    // - A server that a handler calls learns who calls, and cannot act as LocalSystem itself.
    // - COM starts no server under this account on a handler's behalf, unless the handler asks for
    //   it (CLSCTX_ENABLE_AAA).
    // - No caller picks a DLL that unmarshals its arguments here. The add-in's interfaces are
    //   marshalled by MIDL's proxies, which is standard marshalling and not what this turns off.
    constexpr DWORD kCapabilities = EOAC_DISABLE_AAA | EOAC_NO_CUSTOM_MARSHAL;
    win::ThrowIfFailed(
        ::CoInitializeSecurity(descriptor.get(), -1 /* COM chooses the services */, nullptr,
                               nullptr, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IDENTIFY,
                               nullptr, kCapabilities, nullptr),
        "CoInitializeSecurity");
}

}  // namespace wsb::com
