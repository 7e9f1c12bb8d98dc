#pragma once

#include <napi.h>
#include <windows.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "../win/hresult.hpp"

namespace wsb::napi {

static_assert(sizeof(wchar_t) == sizeof(char16_t), "Windows text is UTF-16");

/// Returns a JavaScript string with the same UTF-16 code units; null for a null pointer.
Napi::Value FromNullable(Napi::Env env, const wchar_t* text);
Napi::String FromString(Napi::Env env, const std::wstring& text);
Napi::Value FromOptional(Napi::Env env, const std::optional<std::wstring>& text);

/// Returns an HRESULT as an unsigned number.
Napi::Number FromHresult(Napi::Env env, HRESULT hresult);

// The readers below throw a JavaScript TypeError that names `what` for an invalid value. A string
// with a NUL is invalid, because Windows would silently cut it there.

std::wstring ToString(const Napi::Value& value, const char* what);
std::optional<std::wstring> ToOptionalString(const Napi::Value& value, const char* what);
uint32_t ToUint32(const Napi::Value& value, const char* what);
/// Reads an integer from its decimal digits, because a JavaScript number cannot hold all of them.
uint64_t ToUint64(const Napi::Value& value, const char* what);
bool ToBool(const Napi::Value& value, const char* what);
HRESULT ToHresult(const Napi::Value& value, const char* what);
Napi::Object ToObject(const Napi::Value& value, const char* what);
Napi::Array ToArray(const Napi::Value& value, const char* what);
GUID ToGuid(const Napi::Value& value, const char* what);
std::vector<std::wstring> ToStrings(const Napi::Value& value, const char* what);
std::vector<uint8_t> ToBytes(const Napi::Value& value, const char* what);
std::vector<uint32_t> ToUint32s(const Napi::Value& value, const char* what);

/// Returns a JavaScript Error with Windows' own text, `hresult` and `api`.
Napi::Error ToError(Napi::Env env, HRESULT hresult, const char* api);

/// Runs `body` and turns an HresultError into a JavaScript exception: the N-API edge.
template <typename Body>
auto AtEdge(Napi::Env env, Body body) -> decltype(body()) {
    try {
        return body();
    } catch (const Napi::Error&) {
        throw;
    } catch (const win::HresultError& error) {
        throw ToError(env, error.code(), error.api());
    } catch (...) {
        throw ToError(env, win::CaughtHresult(), "wsb-addin");
    }
}

}  // namespace wsb::napi
