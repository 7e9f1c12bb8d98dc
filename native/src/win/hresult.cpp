#include "hresult.hpp"

#include <new>
#include <system_error>
#include <type_traits>

#include "../core/hresult.hpp"

namespace wsb::win {

static_assert(std::is_same_v<Hresult, HRESULT>);
static_assert(kUnexpected == E_UNEXPECTED && kDisconnected == RPC_E_DISCONNECTED &&
              kTimedOut == HRESULT_FROM_WIN32(ERROR_TIMEOUT));

void ThrowLastError(const char* api) {
    const DWORD error = ::GetLastError();
    throw HresultError{error == ERROR_SUCCESS ? E_UNEXPECTED : HRESULT_FROM_WIN32(error), api};
}

void ThrowIfError(LSTATUS status, const char* api) {
    if (status != ERROR_SUCCESS) {
        throw HresultError{HRESULT_FROM_WIN32(static_cast<DWORD>(status)), api};
    }
}

void ThrowIfFailed(HRESULT result, const char* api) {
    if (FAILED(result)) {
        throw HresultError{result, api};
    }
}

HRESULT CaughtHresult() noexcept {
    try {
        throw;
    } catch (const HresultError& error) {
        return error.code();
    } catch (const std::bad_alloc&) {
        return E_OUTOFMEMORY;
    } catch (...) {
        return E_UNEXPECTED;
    }
}

std::wstring SystemMessage(HRESULT code) {
    wchar_t text[1024] = {};
    // A Win32 error inside an HRESULT is looked up by its Win32 number.
    const DWORD id = HRESULT_FACILITY(code) == FACILITY_WIN32
                         ? static_cast<DWORD>(HRESULT_CODE(code))
                         : static_cast<DWORD>(code);
    DWORD length = ::FormatMessageW(
        FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
        nullptr, id, 0, text, ARRAYSIZE(text), nullptr);
    while (length > 0 &&
           (text[length - 1] == L' ' || text[length - 1] == L'\r' || text[length - 1] == L'\n')) {
        --length;
    }
    return {text, length};
}

}  // namespace wsb::win
