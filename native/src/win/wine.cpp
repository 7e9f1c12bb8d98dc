#include "wine.hpp"

#include <windows.h>

namespace wsb::win {

bool IsWine() {
    // Wine exports this function for detection:
    // https://gitlab.winehq.org/wine/wine/-/wikis/Developer-FAQ
    const HMODULE ntdll = ::GetModuleHandleW(L"ntdll.dll");
    return ntdll != nullptr && ::GetProcAddress(ntdll, "wine_get_version") != nullptr;
}

}  // namespace wsb::win
