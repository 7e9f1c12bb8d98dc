#pragma once

#include <windows.h>

// A test plays the failure of a call: a REG_DWORD value with the call's name and its HRESULT, in
// this key. The key is of its own, because nothing lasting can be below a volatile key.

namespace wsb::lab {

inline constexpr wchar_t kVssFaults[] = L"SOFTWARE\\wsb-addin-lab\\vssapi\\Faults";

/// Returns the HRESULT to play for a call; S_OK for none.
[[nodiscard]] HRESULT PlayedResult(const wchar_t* call);

/// Throws HresultError when a failure is to be played for a call.
/// @param api The call's name again, a string literal for the error.
void PlayFault(const wchar_t* call, const char* api);

}  // namespace wsb::lab
