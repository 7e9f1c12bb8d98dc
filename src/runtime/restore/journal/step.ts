/** What a journal records: one step for each record, read back by the same definitions. */
import type { TypeOf } from "../../../base/document/definition.ts";
import { fields, forms } from "../../../base/document/fields.ts";
import {
  boolean,
  choice,
  integer,
  list,
  literal,
  orNull,
  string as text,
} from "../../../base/document/kinds.ts";
import { milliseconds } from "../../../base/document/parts.ts";
import { readValue } from "../../../base/document/read.ts";

/** The version of a journal's steps. 1 was the one JSON text of release 0.1.0. */
export const JOURNAL_VERSION = 2;

const time = text.check((value) =>
  Number.isNaN(Date.parse(value)) ? "must be a time" : undefined,
);

const processIdentity = fields({
  pid: integer({ least: 0, most: 0xffff_ffff }),
  startedAt: text.check((value) => (/^\d{1,20}$/u.test(value) ? undefined : "must be a number")),
  image: text,
});

/** How far the kit has come with a service. */
const servicePhase = choice([
  /** It ran and was not asked to stop yet. */
  "listed",
  /** It was asked to stop, or was about to be: the kit owes its start. */
  "stopping",
  /** It is as it was before: it runs again. */
  "started",
  /** It no longer exists: nothing is owed. */
  "gone",
  /** Another add-in needs it stopped and starts it later: nothing is owed here. */
  "passed",
  /** Somebody else had stopped it before it was asked to: nothing is owed. */
  "untouched",
]);

const service = fields({
  name: text.check((value) => (value === "" ? "must not be empty" : undefined)),
  stateBefore: choice([
    "STOPPED",
    "START_PENDING",
    "STOP_PENDING",
    "RUNNING",
    "CONTINUE_PENDING",
    "PAUSE_PENDING",
    "PAUSED",
  ]),
  startTypeBefore: choice(["boot", "system", "automatic", "manual", "disabled"]),
  delayedStartBefore: boolean.or(false),
  /** The manifest does not name it; it needs a service that the manifest names. */
  isDependent: boolean,
  phase: servicePhase,
  /** It did not run: the kit owes its start type, and no start. */
  staysStopped: literal(true).optional(),
});

/** A service of a session. */
export type JournalService = TypeOf<typeof service>;

/** How far a component of a restore session has come. */
const componentPhase = choice([
  /** PreRestore is being served. */
  "preparing",
  /** PreRestore has succeeded: its files may be being restored. */
  "prepared",
  /** PreRestore failed, and the manifest keeps services stopped until the client ends. */
  "left",
  /** Its files are as they were, or restored: nobody waits for it. */
  "finished",
  /** Its files may be half restored: its client ended without PostRestore, or PostRestore failed. */
  "abandoned",
]);

export type ComponentPhase = TypeOf<typeof componentPhase>;

const component = {
  componentName: orNull(text),
  logicalPath: orNull(text),
  phase: componentPhase,
  /** Who restores it; `null` when Windows did not tell. */
  client: orNull(processIdentity),
  /** `"ok"`, or the text of the failure; absent while no handler has ended. */
  outcome: text.optional(),
  /** A PreRestore before the one being served succeeded: its files may have been overwritten. */
  mayBeOverwritten: literal(true).optional(),
  noRollForward: boolean.optional(),
};

/** A component as one client restores it. */
export type ComponentProgress = TypeOf<ReturnType<typeof fields<typeof component>>>;

const sessionPhase = choice([
  /** Nothing was asked to stop yet. */
  "opened",
  /** Services are being stopped. */
  "stopping",
  /** Services are stopped, components are being restored. */
  "open",
  /** Services are being started; those not started yet did not start or were not asked. */
  "starting",
  /** Services run again, and `afterServicesStart` is called; its end ends the session. */
  "started",
  /** Nobody will finish the restore, and the services stay stopped until somebody decides. */
  "abandoned",
]);

/** How far a session has come. */
export type SessionPhase = TypeOf<typeof sessionPhase>;

const limitMs = milliseconds(1);

/** The choices of the manifest when the session was opened: it ends with these. */
const settings = fields({
  services: list(text),
  serviceTimeoutMs: limitMs,
  abandonAfterMs: limitMs,
  onPreRestoreFailure: choice(["startServices", "keepStopped"]),
  onAbandonedRestore: choice(["keepStopped", "startServices"]),
});

export type SessionSettings = TypeOf<typeof settings>;

const change = forms("type", {
  /** The first change of each journal. */
  opened: {
    version: literal(JOURNAL_VERSION),
    sessionId: text,
    clsid: text,
    server: processIdentity,
    settings,
  },
  /** Another process serves the add-in now. */
  server: { server: processIdentity },
  /** Adds services in the order in which they stop, or replaces what is known of them. */
  services: { services: list(service) },
  component,
  /** These services ran while every component that is prepared now was being restored. */
  ran: { services: list(text) },
  phase: {
    phase: sessionPhase,
    /** `started` by the server, which calls `afterServicesStart` without the lock. */
    byServer: literal(true).optional(),
  },
  ended: { outcome: text },
});

/** One change of a session. */
export type Change = TypeOf<typeof change>;

export type Opened = Extract<Change, { readonly type: "opened" }>;

const step = fields({ at: time, changes: list(change) });

/** Changes of a session that took effect together. */
export type Step = TypeOf<typeof step>;

/** Reads a record of a journal; `undefined` when it is not a step of this version. */
export function readStep(record: unknown): Step | undefined {
  const reading = readValue(step, record, "the step");
  return "value" in reading ? reading.value : undefined;
}
