#include "process-security.hpp"

#include <windows.h>

#include <objbase.h>
#include <objidl.h>
#include <wrl/client.h>

#include "../win/hresult.hpp"
#include "../win/security-descriptor.hpp"

namespace wsb::com {

void SetProcessSecurity(const std::vector<uint8_t>& accessDescriptor, SecurityUse use) {
    win::AbsoluteDescriptor descriptor{accessDescriptor};
    // This process runs as LocalSystem, so it restricts what others can do with it:
    // - Callers must be authenticated. Without an authentication level, COM would ignore the
    //   descriptor. The highest level costs nothing, because local calls go through ALPC, which
    //   always protects them.
    // - A server that a handler calls can identify this process but cannot act as LocalSystem.
    // - COM does not start servers under this account for a handler, unless the handler asks for it
    //   (CLSCTX_ENABLE_AAA).
    // - Callers cannot choose a DLL that unmarshals their arguments here. The add-in's interfaces
    // use
    //   MIDL's proxies, which are standard marshalling and stay enabled.
    constexpr DWORD kAddin = EOAC_DISABLE_AAA | EOAC_NO_CUSTOM_MARSHAL;
    constexpr DWORD kWriter = EOAC_NONE;
    const DWORD capabilities = use == SecurityUse::kAddin ? kAddin : kWriter;
    win::ThrowIfFailed(
        ::CoInitializeSecurity(descriptor.get(), -1 /* COM chooses the services */, nullptr,
                               nullptr, RPC_C_AUTHN_LEVEL_PKT_PRIVACY, RPC_C_IMP_LEVEL_IDENTIFY,
                               nullptr, capabilities, nullptr),
        "CoInitializeSecurity");
}

void LetExceptionsEndProcess() {
    Microsoft::WRL::ComPtr<IGlobalOptions> options;
    win::ThrowIfFailed(
        ::CoCreateInstance(CLSID_GlobalOptions, nullptr, CLSCTX_INPROC_SERVER, IID_IGlobalOptions,
                           reinterpret_cast<void**>(options.GetAddressOf())),
        "CoCreateInstance");
    win::ThrowIfFailed(options->Set(COMGLB_EXCEPTION_HANDLING, COMGLB_EXCEPTION_DONOT_HANDLE),
                       "IGlobalOptions::Set");
}

}  // namespace wsb::com
