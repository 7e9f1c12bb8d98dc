#include "environment.hpp"

#include <windows.h>

#include "hresult.hpp"

namespace wsb::win {

std::wstring ExpandVariables(const wchar_t* text) {
    std::wstring expanded;
    for (DWORD needed = MAX_PATH; expanded.size() < needed;) {
        expanded.resize(needed);
        needed = ::ExpandEnvironmentStringsW(text, expanded.data(), needed);
        if (needed == 0) {
            ThrowLastError("ExpandEnvironmentStringsW");
        }
        if (needed <= expanded.size()) {
            expanded.resize(needed - 1);
            break;
        }
    }
    return expanded;
}

}  // namespace wsb::win
