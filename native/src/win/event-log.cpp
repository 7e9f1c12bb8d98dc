#include "event-log.hpp"

#include "hresult.hpp"
#include "unique-any.hpp"

namespace wsb::win {
namespace {

using UniqueEventSource = UniqueAny<HANDLE, ::DeregisterEventSource>;

struct Severity {
    WORD type;     // EVENTLOG_…_TYPE
    DWORD number;  // as in the SeverityNames of messages/events.mc
};

Severity SeverityOf(EventType type) {
    switch (type) {
        case EventType::Warning:
            return {EVENTLOG_WARNING_TYPE, 2};
        case EventType::Error:
            return {EVENTLOG_ERROR_TYPE, 3};
        case EventType::Information:
            break;
    }
    return {EVENTLOG_INFORMATION_TYPE, 1};
}

}  // namespace

void WriteEvent(const std::wstring& source, const Event& event) {
    // A null server name means this machine.
    const UniqueEventSource log{::RegisterEventSourceW(nullptr, source.c_str())};
    if (!log) {
        ThrowLastError("RegisterEventSourceW");
    }
    std::vector<const wchar_t*> strings;
    strings.reserve(event.strings.size());
    for (const std::wstring& string : event.strings) {
        strings.push_back(string.c_str());
    }
    const auto [type, severity] = SeverityOf(event.type);
    const DWORD message = (severity << 30) | event.id;
    constexpr WORD kNoCategory = 0;
    if (::ReportEventW(log.get(), type, kNoCategory, message, nullptr,
                       static_cast<WORD>(strings.size()), 0, strings.data(), nullptr) == FALSE) {
        ThrowLastError("ReportEventW");
    }
}

}  // namespace wsb::win
