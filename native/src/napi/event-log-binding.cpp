#include "../win/event-log.hpp"

#include <limits>

#include "bindings.hpp"
#include "convert.hpp"

namespace wsb::napi {
namespace {

win::EventType ToEventType(const Napi::Value& value) {
    const std::wstring name = ToString(value, "type");
    if (name == L"information") {
        return win::EventType::Information;
    }
    if (name == L"warning") {
        return win::EventType::Warning;
    }
    if (name == L"error") {
        return win::EventType::Error;
    }
    throw Napi::TypeError::New(value.Env(), "type must be information, warning or error");
}

WORD ToEventId(const Napi::Value& value) {
    const uint32_t id = ToUint32(value, "eventId");
    if (id == 0 || id > std::numeric_limits<WORD>::max()) {
        throw Napi::TypeError::New(value.Env(), "eventId must be from 1 to 65535");
    }
    return static_cast<WORD>(id);
}

std::vector<std::wstring> ToInserts(const Napi::Value& value) {
    // The limit of ReportEventW.
    constexpr uint32_t kMaxStrings = 256;
    if (ToArray(value, "strings").Length() > kMaxStrings) {
        throw Napi::TypeError::New(value.Env(), "strings must have at most 256 elements");
    }
    return ToStrings(value, "strings[]");
}

}  // namespace

Napi::Value ReportWindowsEvent(const Napi::CallbackInfo& info) {
    AtEdge(info.Env(), [&] {
        const std::wstring source = ToString(info[0], "source");
        win::WriteEvent(source, {ToEventType(info[1]), ToEventId(info[2]), ToInserts(info[3])});
    });
    return info.Env().Undefined();
}

}  // namespace wsb::napi
