#pragma once

#include <windows.h>

#include <string>
#include <vector>

namespace wsb::win {

enum class EventType { Information, Warning, Error };

/// An event as Event Viewer shows it: the text is the source's, and its inserts come with the
/// event.
struct Event {
    EventType type;
    WORD id;  // of a text in messages/events.mc
    std::vector<std::wstring> strings;
};

/// Writes an event to the log of `source` (RegisterEventSourceW, ReportEventW).
///
/// A source that is not registered goes to the Application log, without a text.
void WriteEvent(const std::wstring& source, const Event& event);

}  // namespace wsb::win
