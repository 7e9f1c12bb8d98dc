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

/// A JavaScript string with the very same UTF-16 code units; null for a null pointer.
Napi::Value FromNullable(Napi::Env env, const wchar_t* text);
Napi::String FromString(Napi::Env env, const std::wstring& text);
Napi::Value FromOptional(Napi::Env env, const std::optional<std::wstring>& text);

/// An HRESULT as JavaScript prints it: unsigned.
Napi::Number FromHresult(Napi::Env env, HRESULT hresult);

// The readers below throw a JavaScript TypeError that names `what` when the value is not fit; a
// string with an embedded NUL is not, because Windows would silently cut it there.

std::wstring ToString(const Napi::Value& value, const char* what);
std::optional<std::wstring> ToOptionalString(const Napi::Value& value, const char* what);
uint32_t ToUint32(const Napi::Value& value, const char* what);
/// From its decimal digits: a JavaScript number does not hold every one.
uint64_t ToUint64(const Napi::Value& value, const char* what);
bool ToBool(const Napi::Value& value, const char* what);
HRESULT ToHresult(const Napi::Value& value, const char* what);
Napi::Object ToObject(const Napi::Value& value, const char* what);
Napi::Array ToArray(const Napi::Value& value, const char* what);
GUID ToGuid(const Napi::Value& value, const char* what);
std::vector<uint8_t> ToBytes(const Napi::Value& value, const char* what);
std::vector<uint32_t> ToUint32s(const Napi::Value& value, const char* what);

/// A JavaScript Error with Windows' own text, `hresult` and `api`.
Napi::Error ToError(Napi::Env env, HRESULT hresult, const char* api);

/// Runs `body` and turns HresultError into a JavaScript exception: the N-API edge.
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
