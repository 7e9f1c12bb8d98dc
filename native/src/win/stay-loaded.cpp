#include "stay-loaded.hpp"

#include <windows.h>

#include "hresult.hpp"

namespace wsb::win {

void StayLoaded() {
    static constexpr wchar_t kWithinThisDll = L'\0';
    HMODULE self = nullptr;
    if (::GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                             &kWithinThisDll, &self) == FALSE) {
        ThrowLastError("GetModuleHandleExW");
    }
}

}  // namespace wsb::win
