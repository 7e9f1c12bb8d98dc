#include "sid-text.hpp"

#include <sddl.h>

#include "hresult.hpp"
#include "unique-any.hpp"

namespace wsb::win {

std::wstring SidText(PSID sid) {
    LPWSTR text = nullptr;
    if (::ConvertSidToStringSidW(sid, &text) == FALSE) {
        ThrowLastError("ConvertSidToStringSidW");
    }
    const UniqueAny<void*, ::LocalFree> release{text};
    return text;
}

}  // namespace wsb::win
