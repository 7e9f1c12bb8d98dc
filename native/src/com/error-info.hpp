#pragma once

#include <windows.h>

#include <optional>
#include <string>

namespace wsb::com {

/// Makes `text` the COM error information of the call in progress; empty clears it.
/// Best effort: a failure here must not replace the HRESULT that is being returned.
void SetErrorText(const IID& interfaceId, const std::wstring& text) noexcept;

/// Takes the description of the error information that the last call left on this thread.
[[nodiscard]] std::optional<std::wstring> TakeErrorText();

}  // namespace wsb::com
