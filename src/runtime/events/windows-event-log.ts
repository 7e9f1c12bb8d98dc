import type { EventType, NativeBinding } from "../native/binding.ts";
import { boundText } from "./bound.ts";
import { definitionOf, type AddinEvent, type EventLevel } from "./definitions.ts";
import type { EventSink } from "./emit.ts";
import { eventSource, type SourceOwner } from "./event-source.ts";

/** An event for the Windows event log. */
export interface WindowsEvent {
  readonly id: number;
  readonly type: EventType;
  /** The inserts of the event's text, `%1` first. */
  readonly strings: readonly string[];
}

const types: Readonly<Record<EventLevel, EventType>> = {
  info: "information",
  warn: "warning",
  error: "error",
};

const NONE = "-";

// A handler that fails in a loop must not flood the event log; the event file has every event.
const MAX_MESSAGES = 20;

/** Removes `%1` and `%%5` from an insert, because Event Viewer would expand them. */
function insert(text: string): string {
  if (text === "") return NONE;
  return boundText(text)
    .replaceAll("\0", "\uFFFD")
    .replaceAll(/%(?=[\d%])/gu, "\uFF05");
}

/** Converts an event for the Windows event log; `undefined` when it is not written there. */
export function windowsEventOf(event: AddinEvent): WindowsEvent | undefined {
  const definition = definitionOf(event);
  const id = definition.windowsId?.(event);
  if (id === undefined) return undefined;
  const inserts = [...(definition.inserts?.(event) ?? []), event.sessionId ?? NONE];
  return { id, type: types[definition.level(event)], strings: inserts.map(insert) };
}

/** Returns a sink that writes to the Windows event log under the add-in's own source. */
export function windowsEventLog(
  api: Pick<NativeBinding, "reportEvent">,
  addin: SourceOwner,
): EventSink {
  const source = eventSource(addin);
  let messagesLeft = MAX_MESSAGES;
  return (event) => {
    const windowsEvent = windowsEventOf(event);
    if (windowsEvent === undefined) return;
    if (event.event === "message") {
      if (messagesLeft === 0) return;
      messagesLeft -= 1;
    }
    const { type, id, strings } = windowsEvent;
    api.reportEvent(source, type, id, strings);
  };
}
