#pragma once

#include <windows.h>

#include <optional>
#include <string>

namespace wsb::com {

/// Sets the COM error information of the current call to `text`; empty clears it.
/// Ignores failures, which must not replace the HRESULT of the call.
void SetErrorText(const IID& interfaceId, const std::wstring& text) noexcept;

/// Takes the text of the error information of this thread's last call.
[[nodiscard]] std::optional<std::wstring> TakeErrorText();

}  // namespace wsb::com
