/** Every event of an add-in, defined once: name, fields, level, Windows event id and text. */
import { showProcess } from "../../base/process-identity.ts";
import { formatHresult, nameHresult } from "../../base/hresult.ts";
import type { TypeOf } from "../../base/document/definition.ts";
import { fields, type Fields, type TypeOfFields } from "../../base/document/fields.ts";
import {
  boolean,
  choice,
  integer,
  list,
  literal,
  string as text,
} from "../../base/document/kinds.ts";
import { hresultText } from "../../base/document/parts.ts";

/** How much an event matters. */
export type EventLevel = "info" | "warn" | "error";

const number = integer({ least: 0, most: Number.MAX_SAFE_INTEGER });
const maybeText = text.optional();
const texts = list(text);

/** ISO 8601 with milliseconds, in UTC. */
const time = text.check(
  (value) => (Number.isNaN(Date.parse(value)) ? "must be a time" : undefined),
  { format: "date-time" },
);

/** Version of the lines of an event file; a reader passes over lines of a later version. */
export const EVENT_SCHEMA_VERSION = 1;

const role = choice([
  "server",
  "guardian",
  "recover",
  /** A command that a person ran. */
  "cli",
]);

/** The process of an add-in that an event comes from. */
export type EventRole = TypeOf<typeof role>;

/** Fields of every line of an event file beside those of its event. */
const header = {
  schemaVersion: literal(EVENT_SCHEMA_VERSION),
  time,
  pid: number,
  role,
  /** The restore session that the event belongs to; an event may name another than the open one. */
  sessionId: text.optional(),
};

/** The definition of one event; its functions get its fields. */
interface EventDefinition<Own> {
  level(fields: Own): EventLevel;
  /**
   * Returns the id in the Windows event log; absent: the event does not go there. An id is for ever:
   * monitoring knows an event by it. Its text is in native/messages/events.mc.
   */
  windowsId?(fields: Own): number | undefined;
  /** Returns the inserts `%1`, `%2` … of that text; the session's id follows them. */
  inserts?(fields: Own): readonly string[];
  /** Returns the event as one sentence for people. */
  text(fields: Own): string;
}

function define<const Name extends string, const Own extends Fields>(
  name: Name,
  own: Own,
  definition: EventDefinition<TypeOfFields<Own>>,
) {
  return {
    ...definition,
    name,
    line: fields({ ...header, event: literal(name), ...own }, { others: "ignored" }),
  };
}

const info = (): EventLevel => "info";
const warn = (): EventLevel => "warn";
const error = (): EventLevel => "error";

/** HRESULTs are written as Windows prints them, and are unsigned numbers in the code. */
const hresult = hresultText.map(Number);

const method = choice([
  "preRestore",
  "postRestore",
  "orderComponents",
  "isRollForwardSupported",
  "checkConsistency",
]);

const call = {
  /** Id that the shim gave the call: joins the events of one call of one process. */
  id: number,
  method,
  /** `logicalPath\componentName`; absent when the method has none. */
  component: maybeText,
};

/** An error in a chain of causes. */
const cause = fields({
  name: text,
  code: maybeText,
  text,
  stack: texts.optional(),
});

/** An error with its stack and its causes. */
const failure = {
  /** Code of the error, such as `ERR_WSB_TIMEOUT`, or the name of its class. */
  code: text,
  /** The error and its causes in one sentence, as the COM caller gets it. */
  text,
  /** Frames of the error's stack, mapped to the sources, the innermost first. */
  stack: texts.optional(),
  /** The errors that caused it, the nearest first. */
  causes: list(cause).optional(),
};

function showCall({ method: name, component }: { method: string; component?: string }): string {
  return component === undefined ? name : `${name} of ${component}`;
}

function showNames(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

function showResult(value: number): string {
  const digits = formatHresult(value);
  const name = nameHresult(value);
  return name === digits ? digits : `${name} (${digits})`;
}

/** How a restore session ended. */
const outcome = choice([
  /** The last component's PostRestore succeeded. */
  "completed",
  /** PreRestore failed, and nothing else was prepared. */
  "failed",
  /** Its client had ended, or was silent for too long. */
  "abandoned",
  /** `wsb-addin recover` or the start of the machine ended it. */
  "recovered",
]);

const closedIds = { completed: 2, abandoned: 3, recovered: 4, failed: 6 } as const;

/** The catalogue of events. Durations are in milliseconds. No event holds a metadata document. */
export const EVENTS = [
  define(
    "serverStarted",
    {},
    {
      level: info,
      text: () => "The server started.",
    },
  ),
  define(
    "serverStopped",
    {},
    {
      level: info,
      text: () => "The server stopped.",
    },
  ),
  define(
    "serverLost",
    { serverPid: number },
    {
      level: warn,
      windowsId: () => 7,
      inserts: ({ serverPid }) => [String(serverPid)],
      text: ({ serverPid }) =>
        `The add-in's process ${serverPid} ended in the middle of the session.`,
    },
  ),
  define(
    "callReceived",
    { ...call, clientPid: number.optional() },
    {
      level: info,
      text: (event) => `${showCall(event)} was called.`,
    },
  ),
  define(
    "callAnswered",
    { ...call, durationMs: number, hresult, description: maybeText },
    {
      level: info,
      text: (event) => `${showCall(event)} answered ${nameHresult(event.hresult)}.`,
    },
  ),
  /** A consistency check, which goes on after its call was answered, has ended. */
  define(
    "checkFinished",
    { ...call, durationMs: number, hresult },
    {
      level: info,
      text: (event) =>
        `The check of ${event.component ?? "a component"} ended with ${nameHresult(event.hresult)}.`,
    },
  ),
  /** A handler failed, or the kit failed to prepare or finish its call. */
  define(
    "handlerFailed",
    {
      ...call,
      hresult,
      ...failure,
    },
    {
      level: error,
      windowsId: () => 20,
      inserts: ({ method: name, text: sentence, component = "", hresult: value, code }) => [
        name,
        sentence,
        component,
        showResult(value),
        code,
      ],
      text: (event) => `${showCall(event)} failed: ${event.text}`,
    },
  ),
  define(
    "sessionOpened",
    {
      clientPid: number.optional(),
      /** Full path of the client's program. */
      clientImage: maybeText,
      /** Services that the session is about to stop. */
      services: texts,
    },
    {
      level: info,
      windowsId: () => 1,
      inserts: ({ clientPid, clientImage, services }) => [
        showProcess({ pid: clientPid, image: clientImage }),
        services.join(", "),
      ],
      text: ({ services }) =>
        `A restore session was opened. Services to stop: ${showNames(services)}.`,
    },
  ),
  define(
    "sessionClosed",
    {
      outcome,
      /** Services that ran before the session and do not run now. */
      leftStopped: texts,
    },
    {
      level: ({ outcome: end }) => (end === "completed" ? "info" : "warn"),
      windowsId: ({ outcome: end }) => closedIds[end],
      text: ({ outcome: end }) => `The restore session was closed: ${end}.`,
    },
  ),
  define(
    "serviceLeftStopped",
    { service: text },
    {
      level: error,
      windowsId: () => 5,
      inserts: ({ service }) => [service],
      text: ({ service }) =>
        `Service ${service} ran before the restore session and does not run now.`,
    },
  ),
  define(
    "serviceStopping",
    { service: text },
    {
      level: info,
      text: ({ service }) => `Stopping service ${service}.`,
    },
  ),
  define(
    "serviceStopped",
    { service: text, durationMs: number },
    {
      level: info,
      windowsId: () => 10,
      inserts: ({ service, durationMs }) => [service, String(durationMs)],
      text: ({ service }) => `Service ${service} stopped.`,
    },
  ),
  define(
    "serviceStarting",
    { service: text },
    {
      level: info,
      text: ({ service }) => `Starting service ${service}.`,
    },
  ),
  define(
    "serviceStarted",
    { service: text, durationMs: number },
    {
      level: info,
      windowsId: () => 11,
      inserts: ({ service, durationMs }) => [service, String(durationMs)],
      text: ({ service }) => `Service ${service} started.`,
    },
  ),
  define(
    "serviceFailed",
    {
      service: text,
      wanted: choice(["STOPPED", "RUNNING"]),
      /** `unknown`: there is no such service, or Windows does not tell. */
      state: text,
      text,
    },
    {
      level: error,
      windowsId: ({ wanted }) => (wanted === "STOPPED" ? 12 : 13),
      inserts: ({ service, state, text: sentence }) => [service, state, sentence],
      text: (event) => event.text,
    },
  ),
  /** Free text of a handler or of the kit. */
  define(
    "message",
    { level: choice(["info", "warn", "error"]), text },
    {
      level: ({ level }) => level,
      windowsId: ({ level }) => (level === "error" ? 30 : undefined),
      inserts: (event) => [event.text],
      text: (event) => event.text,
    },
  ),
  /** A step of a simulated backup or restore. Times are milliseconds since its beginning. */
  define(
    "stepTaken",
    {
      startMs: number,
      durationMs: number,
      /** COM method, or another act: `activate`, `copy`. */
      step: text,
      component: maybeText,
      /** Service that the step was for. */
      service: maybeText,
      /** Absent when the step is no COM call. */
      hresult: hresult.optional(),
      /** Text of the COM error information, or the result of the step. */
      detail: maybeText,
      failed: boolean,
      /** How the handler of a failed call failed, where its add-in's events tell. */
      failure: fields(failure).optional(),
    },
    {
      level: ({ failed }) => (failed ? "error" : "info"),
      text: ({ step, detail }) => (detail === undefined ? step : `${step}: ${detail}`),
    },
  ),
];

type Line = TypeOf<(typeof EVENTS)[number]["line"]>;

export type EventName = Line["event"];

export type EventHeader = TypeOfFields<typeof header>;

/** One line of an event file. */
export type EventLine<Name extends EventName = EventName> = Readonly<
  Extract<Line, { readonly event: Name }>
>;

type WithoutHeader<One> = One extends EventHeader
  ? Omit<One, Exclude<keyof EventHeader, "sessionId">>
  : never;

/** Something that happened. */
export type AddinEvent<Name extends EventName = EventName> = WithoutHeader<EventLine<Name>>;

/** An error with its stack and its causes, as events keep it. */
export type Failure = TypeOfFields<typeof failure>;

export type SessionOutcome = TypeOf<typeof outcome>;

/** The fields that name a call in its events. */
export type CallFields = TypeOfFields<typeof call>;

/** The definition of an event, for whoever has any event. */
type AnyDefinition = EventDefinition<Readonly<Record<string, unknown>>>;

const byName = new Map<string, AnyDefinition>(EVENTS.map((one) => [one.name, one]));

/** Returns how much an event matters. */
export function levelOf(event: AddinEvent): EventLevel {
  return definitionOf(event).level(event);
}

/** Returns an event as one sentence for people. */
export function textOf(event: AddinEvent): string {
  return definitionOf(event).text(event);
}

/** Returns the definition of an event. */
export function definitionOf({ event }: AddinEvent): AnyDefinition {
  const definition = byName.get(event);
  if (definition === undefined) throw new RangeError(`There is no event ${event}.`);
  return definition;
}
