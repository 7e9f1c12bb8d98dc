import { formatHresult, nameHresult } from "../../base/hresult.ts";
import type { EventType } from "../native/binding.ts";
import { boundText } from "./bound.ts";
import type { RecordEvent } from "./event.ts";
import { showProcess } from "../../base/process-identity.ts";

interface EventText {
  readonly id: number;
  readonly type: EventType;
}

/** Name of a text in the code. */
export type WindowsEventName =
  | "sessionOpened"
  | "sessionCompleted"
  | "sessionFailed"
  | "sessionAbandoned"
  | "sessionRecovered"
  | "serviceLeftStopped"
  | "serverLost"
  | "serviceStopped"
  | "serviceStarted"
  | "serviceNotStopped"
  | "serviceNotStarted"
  | "handlerFailed"
  | "addinFailed";

/**
 * The events in the Windows event log, by id and severity; their texts are in events.mc.
 *
 * An id is for ever: what monitors an add-in knows an event by it.
 */
export const WINDOWS_EVENT: Readonly<Record<WindowsEventName, EventText>> = {
  sessionOpened: { id: 1, type: "information" },
  sessionCompleted: { id: 2, type: "information" },
  sessionAbandoned: { id: 3, type: "warning" },
  sessionRecovered: { id: 4, type: "warning" },
  serviceLeftStopped: { id: 5, type: "error" },
  sessionFailed: { id: 6, type: "warning" },
  serverLost: { id: 7, type: "warning" },
  serviceStopped: { id: 10, type: "information" },
  serviceStarted: { id: 11, type: "information" },
  serviceNotStopped: { id: 12, type: "error" },
  serviceNotStarted: { id: 13, type: "error" },
  handlerFailed: { id: 20, type: "error" },
  addinFailed: { id: 30, type: "error" },
};

/** One event for the Windows event log. */
export interface WindowsEvent {
  readonly id: number;
  readonly type: EventType;
  /** Inserts of the event's text, `%1` first. */
  readonly strings: readonly string[];
}

const NONE = "-";

/** What Event Viewer shows as it is: it takes `%1` and `%%5` in an insert for inserts of their own. */
function insert(text: string): string {
  return boundText(text)
    .replaceAll("\0", "\uFFFD")
    .replaceAll(/%(?=[\d%])/gu, "\uFF05");
}

function make(text: EventText, strings: readonly string[]): WindowsEvent {
  return { ...text, strings: strings.map((one) => (one === "" ? NONE : insert(one))) };
}

/** What of an event goes to the Windows event log, with the restore session that it belongs to. */
export function windowsEventsOf(
  event: RecordEvent,
  sessionId: string = NONE,
): readonly WindowsEvent[] {
  switch (event.event) {
    case "sessionOpened": {
      const client = showProcess({ pid: event.clientPid, image: event.clientImage });
      return [make(WINDOWS_EVENT.sessionOpened, [client, event.services.join(", "), sessionId])];
    }
    case "sessionClosed": {
      const text = {
        completed: WINDOWS_EVENT.sessionCompleted,
        failed: WINDOWS_EVENT.sessionFailed,
        abandoned: WINDOWS_EVENT.sessionAbandoned,
        recovered: WINDOWS_EVENT.sessionRecovered,
      }[event.outcome];
      return [
        make(text, [sessionId]),
        ...event.leftStopped.map((name) =>
          make(WINDOWS_EVENT.serviceLeftStopped, [name, sessionId]),
        ),
      ];
    }
    case "serverLost":
      return [make(WINDOWS_EVENT.serverLost, [String(event.serverPid), sessionId])];
    case "serviceStopped":
    case "serviceStarted": {
      const { service, durationMs } = event;
      return [make(WINDOWS_EVENT[event.event], [service, String(durationMs), sessionId])];
    }
    case "serviceFailed": {
      const { service, wanted, state, text } = event;
      const which = wanted === "STOPPED" ? "serviceNotStopped" : "serviceNotStarted";
      return [make(WINDOWS_EVENT[which], [service, state, text, sessionId])];
    }
    case "handlerFailed": {
      const { method, text, component = "", code, hresult } = event;
      const name = nameHresult(hresult);
      const digits = formatHresult(hresult);
      const result = name === digits ? digits : `${name} (${digits})`;
      return [
        make(WINDOWS_EVENT.handlerFailed, [method, text, component, result, code, sessionId]),
      ];
    }
    case "message":
      return event.level === "error" ? [make(WINDOWS_EVENT.addinFailed, [event.text])] : [];
    case "serverStarted":
    case "serverStopped":
    case "callReceived":
    case "callAnswered":
    case "checkFinished":
    case "serviceStopping":
    case "serviceStarting":
      return [];
  }
}
