import type { EventType, NativeBinding } from "../native/binding.ts";
import { boundText } from "./bound.ts";
import { definitionOf, type AddinEvent, type EventLevel } from "./definitions.ts";
import type { EventSink } from "./emit.ts";
import { eventSource, type SourceOwner } from "./event-source.ts";

/** One event for the Windows event log. */
export interface WindowsEvent {
  readonly id: number;
  readonly type: EventType;
  /** Inserts of the event's text, `%1` first. */
  readonly strings: readonly string[];
}

const types: Readonly<Record<EventLevel, EventType>> = {
  info: "information",
  warn: "warning",
  error: "error",
};

const NONE = "-";

// A handler that fails in a loop must not drown the event log; the event file has the rest.
const MAX_MESSAGES = 20;

/** Takes `%1` and `%%5` out of an insert: Event Viewer would fill in inserts of their own. */
function insert(text: string): string {
  if (text === "") return NONE;
  return boundText(text)
    .replaceAll("\0", "\uFFFD")
    .replaceAll(/%(?=[\d%])/gu, "\uFF05");
}

/** Returns what of an event goes to the Windows event log; `undefined` for nothing. */
export function windowsEventOf(event: AddinEvent): WindowsEvent | undefined {
  const definition = definitionOf(event);
  const id = definition.windowsId?.(event);
  if (id === undefined) return undefined;
  const inserts = [...(definition.inserts?.(event) ?? []), event.sessionId ?? NONE];
  return { id, type: types[definition.level(event)], strings: inserts.map(insert) };
}

/** Returns the sink that writes to the Windows event log, as the add-in's own source. */
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
