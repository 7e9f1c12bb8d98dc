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
import { HANDLER_NAMES, WRITER_HANDLER_NAMES } from "../../base/handler-name.ts";

/** The severity of an event. */
export type EventLevel = "info" | "warn" | "error";

const number = integer({ least: 0, most: Number.MAX_SAFE_INTEGER });
const maybeText = text.optional();
const texts = list(text);

// A hundred years: with any time, the beginning and the end are times too.
const duration = integer({ least: 0, most: 100 * 366 * 86_400_000 });

/** A time in ISO 8601 with milliseconds, in UTC; a year of more than four digits is damage. */
const time = text.check(
  (value) =>
    /^\d{4}-/u.test(value) && !Number.isNaN(Date.parse(value)) ? undefined : "must be a time",
  { format: "date-time" },
);

/** The version of an event file's lines. Readers skip lines of a later version. */
export const EVENT_SCHEMA_VERSION = 1;

const role = choice([
  "server",
  "guardian",
  "recover",
  /** A command of the CLI. */
  "cli",
  /** A process that runs one handler. */
  "handler",
  /** The service of the writer. */
  "writer",
]);

/** The kind of process that emitted an event. */
export type EventRole = TypeOf<typeof role>;

/** The fields of every line of an event file, besides those of its event. */
const header = {
  schemaVersion: literal(EVENT_SCHEMA_VERSION),
  time,
  pid: number,
  role,
  /** The restore session that the event belongs to; it need not be the open one. */
  sessionId: text.optional(),
};

/** The definition of an event; its functions get the event's fields. */
interface EventDefinition<Own> {
  level(fields: Own): EventLevel;
  /**
   * Returns the id in the Windows event log. Without an id, the event is not written there. Never
   * change an id: monitoring relies on it. Its text is in native/messages/events.mc.
   */
  windowsId?(fields: Own): number | undefined;
  /** Returns the inserts `%1`, `%2` … of that text; the session's id is appended. */
  inserts?(fields: Own): readonly string[];
  /** Formats the event as one sentence for people. */
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

/** An HRESULT: text in the file, as Windows prints it, and an unsigned number in the code. */
const hresult = hresultText.map(Number);

const method = choice([
  "preRestore",
  "postRestore",
  "orderComponents",
  "isRollForwardSupported",
  "checkConsistency",
]);

const call = {
  /** The shim's id of the call; it connects the events of one call in one process. */
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
  /** The error's code, such as `ERR_WSB_TIMEOUT`, or the name of its class. */
  code: text,
  /** The error and its causes in one sentence, as the COM caller gets it. */
  text,
  /** The frames of the error's stack, mapped to the sources, innermost first. */
  stack: texts.optional(),
  /** The errors that caused it, nearest first. */
  causes: list(cause).optional(),
};

function showCall({ method: name, component }: { method: string; component?: string }): string {
  return component === undefined ? name : `${name} of ${component}`;
}

/** The process that has the lock of the services; nothing is known of it without its record. */
const lockOwner = {
  ownerPid: number.optional(),
  /** The full path of its program. */
  ownerImage: maybeText,
  /** What it is: `server`, `guardian`, `recover` or `cli`. */
  doing: maybeText,
};

function seconds(ms: number): string {
  return String(Math.round(ms / 1000));
}

function showNames(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

function showResult(value: number): string {
  const digits = formatHresult(value);
  const name = nameHresult(value);
  return name === digits ? digits : `${name} (${digits})`;
}

/** The outcome of a restore session. */
const outcome = choice([
  /** The last component's PostRestore succeeded. */
  "completed",
  /** PreRestore or PostRestore failed, and the services were to start. */
  "failed",
  /** The guardian ended it: the client had ended, or was silent for too long. */
  "abandoned",
  /** `wsb-addin recover` or the boot of the machine ended it. */
  "recovered",
  /** An administrator ended it and kept the services stopped. */
  "keptStopped",
]);

const closedIds = { completed: 2, abandoned: 3, recovered: 4, failed: 6, keptStopped: 9 } as const;

/** An event of VSS for the writer. */
const writerCall = {
  /** The shim's id of the event. */
  id: number,
  method: choice(WRITER_HANDLER_NAMES),
  /** The id of the shadow copy set. */
  snapshotSetId: maybeText,
};

const thawReason = choice([
  "thaw",
  "freezeFailed",
  "abort",
  "timeout",
  "stop",
  "serviceEnded",
  "guardianEnded",
  "start",
]);

/** Why an application is thawed. */
export type ThawReason = TypeOf<typeof thawReason>;

const thawReasons: Readonly<Record<ThawReason, string>> = {
  thaw: "the shadow copy exists",
  freezeFailed: "its freeze failed",
  abort: "the backup was aborted",
  timeout: "the backup did not thaw it in time",
  stop: "the writer's service stops",
  serviceEnded: "the writer's service ended while the application was frozen",
  guardianEnded: "the writer's guardian ended while the application was frozen",
  start: "the writer's service found a freeze that nobody had ended",
};

/** Why a writer is off, for people. */
export const offReasons = {
  administrator: "an administrator turned it off",
  failedFreezes: "it left the backups after failed freezes",
  unreadable: "its switch in the registry cannot be read",
} as const;

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
    "buildReplaced",
    {},
    {
      level: warn,
      text: () =>
        "The add-in was built again. This process, which a restore session or another client uses, serves on with the older build; the newer one serves once nobody uses it.",
    },
  ),
  define(
    "serverLost",
    { serverPid: number },
    {
      level: warn,
      windowsId: () => 7,
      inserts: ({ serverPid }) => [String(serverPid)],
      text: ({ serverPid }) => `The add-in's process ${serverPid} ended during the session.`,
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
    { ...call, durationMs: duration, hresult, description: maybeText },
    {
      level: info,
      text: (event) => `${showCall(event)} answered ${nameHresult(event.hresult)}.`,
    },
  ),
  /** A consistency check ended. It runs on after its call was answered. */
  define(
    "checkFinished",
    { ...call, durationMs: duration, hresult },
    {
      level: info,
      text: (event) =>
        `The consistency check of ${event.component ?? "a component"} ended with ${nameHresult(event.hresult)}.`,
    },
  ),
  /** A handler failed, or the kit failed to prepare or finish its call. */
  define(
    "handlerFailed",
    {
      ...call,
      /** Of the call or of the event of VSS; absent when neither runs the handler. */
      id: number.optional(),
      /** The handler's name. */
      method: choice([...HANDLER_NAMES, ...WRITER_HANDLER_NAMES]),
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
      /** The full path of the client's program. */
      clientImage: maybeText,
      /** The services that the session will stop. */
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
      /** The services that ran before the session and are stopped now. */
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
        `Service ${service} ran before the restore session and is stopped now.`,
    },
  ),
  /** Nobody finished a prepared component, so the services stay stopped. */
  define(
    "restoreAbandoned",
    {
      /** The components whose files may be half restored. */
      components: texts,
      /** The services that stay stopped. */
      services: texts,
      clients: texts,
    },
    {
      level: error,
      windowsId: () => 8,
      inserts: ({ components, services, clients }) => [
        components.join(", "),
        services.join(", "),
        clients.join(", "),
      ],
      text: ({ components, services }) =>
        `The restore is abandoned; these components may be half restored: ${showNames(components)}. Services that stay stopped: ${showNames(services)}.`,
    },
  ),
  /** The mark of a session stands, and its journal does not tell all of it. */
  define(
    "journalDamaged",
    {
      /** What is wrong with the journal. */
      text,
      /** The services that may be stopped. */
      services: texts,
    },
    {
      level: error,
      windowsId: () => 17,
      inserts: (event) => [event.text, event.services.join(", ")],
      text: (event) =>
        `A restore session is open, and ${event.text}. Services that may be stopped: ${showNames(event.services)}.`,
    },
  ),
  /** No mark names the session of a journal: it came back from a backup. */
  define(
    "journalNotObeyed",
    {
      openedAt: text,
      /** The new path of the journal. */
      file: text,
    },
    {
      level: warn,
      windowsId: () => 18,
      inserts: ({ openedAt, file }) => [openedAt, file],
      text: ({ openedAt, file }) =>
        `A journal of a restore session since ${openedAt} probably came back from a backup; it was renamed to ${file} and is not obeyed.`,
    },
  ),
  /** Another add-in needs a service stopped that this session has stopped. */
  define(
    "servicePassed",
    {
      service: text,
      /** The class id of the other add-in. */
      holder: text,
    },
    {
      level: warn,
      windowsId: () => 19,
      inserts: ({ service, holder }) => [service, holder],
      text: ({ service, holder }) =>
        `Service ${service} stays stopped for the restore session of the add-in ${holder}, which starts it.`,
    },
  ),
  define(
    "servicesRan",
    { services: texts },
    {
      level: error,
      windowsId: () => 21,
      inserts: ({ services }) => [services.join(", ")],
      text: ({ services }) =>
        `These services ran while files were being restored: ${showNames(services)}.`,
    },
  ),
  define(
    "serviceGone",
    { service: text },
    {
      level: warn,
      windowsId: () => 14,
      inserts: ({ service }) => [service],
      text: ({ service }) =>
        `Service ${service} was stopped for a restore and no longer exists, so it is not started.`,
    },
  ),
  define(
    "serviceNotRunning",
    {
      service: text,
      /** `STOPPED` or `missing`. */
      state: text,
    },
    {
      level: warn,
      windowsId: () => 15,
      inserts: ({ service, state }) => [service, state],
      text: ({ service, state }) =>
        state === "missing"
          ? `Service ${service} of the manifest does not exist, so it is neither stopped nor started.`
          : `Service ${service} did not run when the restore began, so it is not started afterwards.`,
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
    { service: text, durationMs: duration },
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
    { service: text, durationMs: duration },
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
      /** `unknown` when the service does not exist or Windows does not tell its state. */
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
  /** A process waits for the one that stops or starts services. */
  define(
    "lockAwaited",
    { ...lockOwner, waitedMs: duration },
    {
      level: warn,
      text: ({ ownerPid, ownerImage, waitedMs }) =>
        `Waiting for ${showProcess({ pid: ownerPid, image: ownerImage })} to finish with the services, for ${seconds(waitedMs)} s so far.`,
    },
  ),
  /** A process that stopped or started services hung, and was ended. */
  define(
    "lockOwnerEnded",
    { ...lockOwner, silentMs: duration },
    {
      level: error,
      windowsId: () => 16,
      inserts: ({ ownerPid, ownerImage, doing = "", silentMs }) => [
        showProcess({ pid: ownerPid, image: ownerImage }),
        doing,
        seconds(silentMs),
      ],
      text: ({ ownerPid, ownerImage, silentMs }) =>
        `${showProcess({ pid: ownerPid, image: ownerImage })} was ended: it kept the services to itself and showed no sign of life for ${seconds(silentMs)} s. Look for a handler that blocks the event loop.`,
    },
  ),
  define(
    "writerStarted",
    {},
    {
      level: info,
      text: () => "The writer takes part in backups.",
    },
  ),
  define(
    "writerStopped",
    {},
    {
      level: info,
      text: () => "The writer stopped taking part in backups.",
    },
  ),
  define("writerCalled", writerCall, {
    level: info,
    text: ({ method: name }) => `The backup called ${name}.`,
  }),
  define(
    "writerAnswered",
    { ...writerCall, durationMs: duration, hresult, description: maybeText },
    {
      level: info,
      text: ({ method: name, hresult: value }) => `${name} answered ${nameHresult(value)}.`,
    },
  ),
  /** The kit ended a freeze, and not the backup. */
  define(
    "thawedEarly",
    { reason: thawReason },
    {
      level: warn,
      windowsId: () => 22,
      inserts: ({ reason }) => [thawReasons[reason]],
      text: ({ reason }) => `The application was thawed, because ${thawReasons[reason]}.`,
    },
  ),
  define(
    "thawFailed",
    { reason: thawReason, tries: number, ...failure },
    {
      level: error,
      windowsId: () => 23,
      inserts: ({ tries, code, ...event }) => [String(tries), event.text, code],
      text: (event) =>
        `The application may still be frozen: thaw failed (try ${event.tries}): ${event.text}`,
    },
  ),
  /** The writer is missing from backups until somebody turns it on. */
  define(
    "writerLeft",
    { failedFreezes: number },
    {
      level: error,
      windowsId: () => 24,
      inserts: ({ failedFreezes }) => [String(failedFreezes)],
      text: ({ failedFreezes }) =>
        `The writer no longer takes part in backups, because freeze failed ${failedFreezes} times in a row. Backups do not include its components until you turn it on.`,
    },
  ),
  define(
    "writerOff",
    { reason: choice(["administrator", "failedFreezes", "unreadable"]) },
    {
      level: error,
      windowsId: () => 25,
      inserts: ({ reason }) => [offReasons[reason]],
      text: ({ reason }) =>
        `The writer is off, because ${offReasons[reason]}. Backups do not include its components.`,
    },
  ),
  /** A text of a handler or of the kit. */
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
      startMs: duration,
      durationMs: duration,
      /** The COM method or another step: `activate`, `copy`. */
      step: text,
      component: maybeText,
      /** The service that the step was for. */
      service: maybeText,
      /** Absent when the step is not a COM call. */
      hresult: hresult.optional(),
      /** The text of the COM error information, or the result of the step. */
      detail: maybeText,
      failed: boolean,
      /** The failure of the call's handler, if the add-in's events contain it. */
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

/** A line of an event file. */
export type EventLine<Name extends EventName = EventName> = Readonly<
  Extract<Line, { readonly event: Name }>
>;

type WithoutHeader<One> = One extends EventHeader
  ? Omit<One, Exclude<keyof EventHeader, "sessionId">>
  : never;

/** An event without the fields that the sink adds. */
export type AddinEvent<Name extends EventName = EventName> = WithoutHeader<EventLine<Name>>;

/** An error with its stack and its causes, as an event stores it. */
export type Failure = TypeOfFields<typeof failure>;

export type SessionOutcome = TypeOf<typeof outcome>;

/** The fields that name a call in its events. */
export type CallFields = TypeOfFields<typeof call>;

/** The definition of any event. */
type AnyDefinition = EventDefinition<Readonly<Record<string, unknown>>>;

const byName = new Map<string, AnyDefinition>(EVENTS.map((one) => [one.name, one]));

/** Returns the severity of an event. */
export function levelOf(event: AddinEvent): EventLevel {
  return definitionOf(event).level(event);
}

/** Formats an event as one sentence for people. */
export function textOf(event: AddinEvent): string {
  return definitionOf(event).text(event);
}

/** Returns the definition of an event. */
export function definitionOf({ event }: AddinEvent): AnyDefinition {
  const definition = byName.get(event);
  if (definition === undefined) throw new RangeError(`There is no event ${event}.`);
  return definition;
}
