import { RECORD_SCHEMA_VERSION, type RecordEvent, type RecordLine } from "./event.ts";

type Check = (value: unknown) => boolean;
type EventName = RecordEvent["event"];

type EventOf<Name extends EventName, Event = RecordEvent> = Event extends { event: infer Names }
  ? Name extends Names
    ? Event
    : never
  : never;

/** A check for every field of an event beside its name. */
type Shape<Name extends EventName> = Readonly<Record<Exclude<keyof EventOf<Name>, "event">, Check>>;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isTime: Check = (value) => typeof value === "string" && !Number.isNaN(Date.parse(value));

function oneOf(...choices: readonly unknown[]): Check {
  return (value) => choices.includes(value);
}

function maybe(check: Check): Check {
  return (value) => value === undefined || check(value);
}

const call = {
  id: isNumber,
  method: oneOf(
    "preRestore",
    "postRestore",
    "orderComponents",
    "isRollForwardSupported",
    "checkConsistency",
  ),
  component: maybe(isText),
};
const done = { service: isText, durationMs: isNumber };

const shapes: { readonly [Name in EventName]: Shape<Name> } = {
  serverStarted: {},
  serverStopped: {},
  callReceived: { ...call, clientPid: maybe(isNumber) },
  callAnswered: { ...call, durationMs: isNumber, hresult: isNumber, description: maybe(isText) },
  checkFinished: { ...call, durationMs: isNumber, hresult: isNumber },
  handlerFailed: { ...call, code: isText, hresult: isNumber, text: isText },
  sessionOpened: {
    sessionId: maybe(isText),
    clientPid: maybe(isNumber),
    clientImage: maybe(isText),
    services: isTexts,
  },
  sessionClosed: {
    sessionId: maybe(isText),
    outcome: oneOf("completed", "failed", "abandoned", "recovered"),
    leftStopped: isTexts,
  },
  serverLost: { sessionId: maybe(isText), serverPid: isNumber },
  serviceStopping: { service: isText },
  serviceStarting: { service: isText },
  serviceStopped: done,
  serviceStarted: done,
  serviceFailed: {
    service: isText,
    wanted: oneOf("STOPPED", "RUNNING"),
    state: isText,
    text: isText,
  },
  message: { level: oneOf("info", "warn", "error"), text: isText },
};

const header: Readonly<Record<string, Check>> = {
  schemaVersion: oneOf(RECORD_SCHEMA_VERSION),
  time: isTime,
  pid: isNumber,
  role: oneOf("server", "guardian", "recover", "cli"),
  sessionId: maybe(isText),
};

function isEventName(name: unknown): name is EventName {
  return typeof name === "string" && Object.hasOwn(shapes, name);
}

function isRecordLine(value: unknown): value is RecordLine {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const name = fields.get("event");
  if (!isEventName(name)) return false;
  const checks = Object.entries<Check>({ ...header, ...shapes[name] });
  return checks.every(([field, check]) => check(fields.get(field)));
}

/** HRESULTs are on record as Windows prints them. */
function revive(key: string, value: unknown): unknown {
  const isPrinted = key === "hresult" && typeof value === "string";
  return isPrinted && /^0x[0-9A-F]{8}$/u.test(value) ? Number(value) : value;
}

/** Reads a line of a record; `undefined` for one that is not as this version writes them. */
export function parseLine(text: string): RecordLine | undefined {
  try {
    const value: unknown = JSON.parse(text, revive);
    return isRecordLine(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
