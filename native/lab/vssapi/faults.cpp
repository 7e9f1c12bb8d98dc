#include "faults.hpp"

#include <cstring>

#include "win/hresult.hpp"
#include "win/registry.hpp"

namespace wsb::lab {

HRESULT PlayedResult(const wchar_t* call) {
    const auto value = win::ReadRegistryValue(kVssFaults, call);
    if (!value || value->type != REG_DWORD || value->data.size() != sizeof(DWORD)) {
        return S_OK;
    }
    DWORD result = 0;
    std::memcpy(&result, value->data.data(), sizeof result);
    return static_cast<HRESULT>(result);
}

void PlayFault(const wchar_t* call, const char* api) {
    win::ThrowIfFailed(PlayedResult(call), api);
}

}  // namespace wsb::lab
