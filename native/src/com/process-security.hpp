#pragma once

#include <cstdint>
#include <vector>

namespace wsb::com {

/// The calls that a process takes through COM.
enum class SecurityUse {
    kAddin,
    kWriter  // VSS demands EOAC_NONE: its objects choose how they are marshalled
};

/// Sets who may call this process through COM. Call it once, before the process registers a class
/// or marshals an interface.
///
/// @param accessDescriptor Self-relative, with owner, group and DACL; its rights are COM_RIGHTS_*.
/// @exception win::HresultError RPC_E_TOO_LATE when the process's COM security is already set.
/// https://learn.microsoft.com/windows/win32/api/combaseapi/nf-combaseapi-coinitializesecurity
void SetProcessSecurity(const std::vector<uint8_t>& accessDescriptor, SecurityUse use);

/// Lets an exception in a COM call end the process instead of being caught by COM: a writer whose
/// state is unknown must not go on.
/// https://learn.microsoft.com/windows/win32/api/objidl/nn-objidl-iglobaloptions
void LetExceptionsEndProcess();

}  // namespace wsb::com
