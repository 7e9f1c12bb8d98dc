#pragma once

#include <windows.h>

#include <string>
#include <vector>

namespace wsb::win {

enum class EventType { Information, Warning, Error };

/// An event for the Windows event log: the id of a text in its source's message file, and the
/// inserts.
struct Event {
    EventType type;
    WORD id;  // of a text in messages/events.mc
    std::vector<std::wstring> strings;
};

/// Writes an event to the log of `source` (RegisterEventSourceW, ReportEventW).
///
/// An event of an unregistered source goes to the Application log without a text.
void WriteEvent(const std::wstring& source, const Event& event);

}  // namespace wsb::win
