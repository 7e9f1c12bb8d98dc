#include "convert.hpp"

#include <objbase.h>

#include <algorithm>
#include <charconv>
#include <system_error>

#include "../core/exact-uint32.hpp"

namespace wsb::napi {
namespace {

[[noreturn]] void ThrowType(Napi::Env env, const char* what, const char* rule) {
    throw Napi::TypeError::New(env, std::string{what} + " must be " + rule + ".");
}

void CopyUtf16(const Napi::Value& text, char16_t* buffer, size_t size, size_t& length) {
    if (::napi_get_value_string_utf16(text.Env(), text, buffer, size, &length) != napi_ok) {
        throw Napi::Error::New(text.Env());
    }
}

template <typename Element>
std::vector<Element> ToElements(const Napi::Value& value, napi_typedarray_type type,
                                const char* what, const char* rule) {
    if (!value.IsTypedArray() || value.As<Napi::TypedArray>().TypedArrayType() != type) {
        ThrowType(value.Env(), what, rule);
    }
    const auto elements = value.As<Napi::TypedArrayOf<Element>>();
    return {elements.Data(), elements.Data() + elements.ElementLength()};
}

const char16_t* AsUtf16(const wchar_t* text) { return reinterpret_cast<const char16_t*>(text); }

}  // namespace

Napi::Value FromNullable(Napi::Env env, const wchar_t* text) {
    return text == nullptr ? env.Null() : Napi::String::New(env, AsUtf16(text));
}

Napi::String FromString(Napi::Env env, const std::wstring& text) {
    return Napi::String::New(env, AsUtf16(text.data()), text.size());
}

Napi::Value FromOptional(Napi::Env env, const std::optional<std::wstring>& text) {
    return text ? FromString(env, *text) : env.Null();
}

Napi::Number FromHresult(Napi::Env env, HRESULT hresult) {
    return Napi::Number::New(env, static_cast<uint32_t>(hresult));
}

std::wstring ToString(const Napi::Value& value, const char* what) {
    if (!value.IsString()) {
        ThrowType(value.Env(), what, "a string");
    }
    // Node-API writes into the string's buffer, including the terminator, for which there is room.
    size_t length = 0;
    CopyUtf16(value, nullptr, 0, length);
    std::wstring text(length, L'\0');
    CopyUtf16(value, reinterpret_cast<char16_t*>(text.data()), length + 1, length);
    if (text.find(L'\0') != std::wstring::npos) {
        ThrowType(value.Env(), what, "a string without NUL characters");
    }
    return text;
}

std::optional<std::wstring> ToOptionalString(const Napi::Value& value, const char* what) {
    if (value.IsNull()) {
        return std::nullopt;
    }
    return ToString(value, what);
}

uint32_t ToUint32(const Napi::Value& value, const char* what) {
    const auto number =
        value.IsNumber() ? ToExactUint32(value.As<Napi::Number>().DoubleValue()) : std::nullopt;
    if (!number) {
        ThrowType(value.Env(), what, "an integer from 0 to 4294967295");
    }
    return *number;
}

uint64_t ToUint64(const Napi::Value& value, const char* what) {
    const std::string digits = value.IsString() ? value.As<Napi::String>().Utf8Value() : "";
    const char* const end = digits.data() + digits.size();
    uint64_t number = 0;
    const auto [stop, error] = std::from_chars(digits.data(), end, number);
    if (error != std::errc{} || stop != end) {
        ThrowType(value.Env(), what, "the decimal digits of an integer below 2^64");
    }
    return number;
}

bool ToBool(const Napi::Value& value, const char* what) {
    if (!value.IsBoolean()) {
        ThrowType(value.Env(), what, "true or false");
    }
    return value.As<Napi::Boolean>().Value();
}

HRESULT ToHresult(const Napi::Value& value, const char* what) {
    return static_cast<HRESULT>(ToUint32(value, what));
}

Napi::Object ToObject(const Napi::Value& value, const char* what) {
    if (!value.IsObject()) {
        ThrowType(value.Env(), what, "an object");
    }
    return value.As<Napi::Object>();
}

Napi::Array ToArray(const Napi::Value& value, const char* what) {
    if (!value.IsArray()) {
        ThrowType(value.Env(), what, "an array");
    }
    return value.As<Napi::Array>();
}

GUID ToGuid(const Napi::Value& value, const char* what) {
    GUID guid{};
    if (FAILED(::IIDFromString(ToString(value, what).c_str(), &guid))) {
        ThrowType(value.Env(), what, "a GUID in braces");
    }
    return guid;
}

std::vector<std::wstring> ToStrings(const Napi::Value& value, const char* what) {
    const Napi::Array array = ToArray(value, what);
    std::vector<std::wstring> strings;
    for (uint32_t index = 0; index < array.Length(); ++index) {
        const Napi::HandleScope scope{value.Env()};
        strings.push_back(ToString(array.Get(index), what));
    }
    return strings;
}

std::vector<uint8_t> ToBytes(const Napi::Value& value, const char* what) {
    return ToElements<uint8_t>(value, napi_uint8_array, what, "a Uint8Array");
}

std::vector<uint32_t> ToUint32s(const Napi::Value& value, const char* what) {
    return ToElements<uint32_t>(value, napi_uint32_array, what, "a Uint32Array");
}

Napi::Error ToError(Napi::Env env, HRESULT hresult, const char* api) {
    std::wstring text = win::SystemMessage(hresult);
    if (text.empty()) {
        text = L"Windows has no message for this code.";
    }
    // Napi::Error::New takes only UTF-8, but Windows' text is UTF-16.
    const Napi::Value made =
        env.Global().Get("Error").As<Napi::Function>().New({FromString(env, text)});
    Napi::Error error{env, made};
    error.Value().Set("hresult", FromHresult(env, hresult));
    error.Value().Set("api", Napi::String::New(env, api));
    return error;
}

}  // namespace wsb::napi
