#include "wine.hpp"

#include <windows.h>

namespace wsb::win {

bool IsWine() {
    // Wine's own export, meant for this question:
    // https://gitlab.winehq.org/wine/wine/-/wikis/Developer-FAQ
    const HMODULE ntdll = ::GetModuleHandleW(L"ntdll.dll");
    return ntdll != nullptr && ::GetProcAddress(ntdll, "wine_get_version") != nullptr;
}

}  // namespace wsb::win
