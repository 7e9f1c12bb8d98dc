import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { Component } from "../../base/component.ts";
import type { OnAbandonedRestore } from "../manifest/manifest.ts";
import type { ServiceStartType, ServiceState } from "../native/binding.ts";

/** How far a component of a restore session has come. */
export type ComponentPhase =
  /** PreRestore is being served. */
  | "preparing"
  /** PreRestore has succeeded: its files may be being restored. */
  | "prepared"
  /** PreRestore failed, and the manifest keeps services stopped until the client ends. */
  | "left"
  /** Its files are as they were, or restored: nobody waits for it. */
  | "finished"
  /** Its files may be half restored: its client ended without PostRestore, or PostRestore failed. */
  | "abandoned";

export interface ComponentProgress extends Component {
  readonly phase: ComponentPhase;
  /** Who asked last; `null` when Windows did not tell. */
  readonly client: ProcessIdentity | null;
  /** `"ok"`, or the text of the failure; absent while no handler has ended. */
  readonly outcome?: string;
  /** A PreRestore before the one being served succeeded: its files may have been overwritten. */
  readonly mayBeOverwritten?: true;
}

/** How far the kit has come with a service. */
export type ServicePhase =
  /** It ran and was not asked to stop yet. */
  | "listed"
  /** It was asked to stop, or was about to be: the kit owes its start. */
  | "stopping"
  /** It runs again. */
  | "started"
  /** It no longer exists: nothing is owed. */
  | "gone";

export interface JournalService {
  readonly name: string;
  readonly stateBefore: ServiceState;
  readonly startTypeBefore: ServiceStartType;
  /** The manifest does not name it: a service that it names is needed by it. */
  readonly isDependent: boolean;
  readonly phase: ServicePhase;
}

/** How far a session has come. */
export type SessionPhase =
  /** Services are being stopped. */
  | "stopping"
  /** Services are stopped, components are being restored. */
  | "open"
  /** Services are being started; those not started yet did not start or were not asked. */
  | "starting"
  /** Nobody will finish the restore, and the services stay stopped until somebody decides. */
  | "abandoned";

/** The durable record of a restore session. It exists exactly as long as the session is open. */
export interface Journal {
  /** 1: release 0.1.0, which had no abandoned restores. */
  readonly schemaVersion: 2;
  readonly sessionId: string;
  readonly clsid: string;
  /** ISO 8601, UTC. */
  readonly openedAt: string;
  /** Time of the last entry, ISO 8601, UTC. */
  readonly updatedAt: string;
  readonly phase: SessionPhase;
  /** The manifest's choice when the session was opened. */
  readonly onAbandonedRestore: OnAbandonedRestore;
  /** The process that wrote last as a server. */
  readonly server: ProcessIdentity;
  /** In the order in which they stop. */
  readonly services: readonly JournalService[];
  readonly components: readonly ComponentProgress[];
}

const serviceStates = new Set<unknown>([
  "STOPPED",
  "START_PENDING",
  "STOP_PENDING",
  "RUNNING",
  "CONTINUE_PENDING",
  "PAUSE_PENDING",
  "PAUSED",
] satisfies readonly ServiceState[]);
const startTypes = new Set<unknown>([
  "boot",
  "system",
  "automatic",
  "manual",
  "disabled",
] satisfies readonly ServiceStartType[]);
const componentPhases = new Set<unknown>([
  "preparing",
  "prepared",
  "left",
  "finished",
  "abandoned",
] satisfies readonly ComponentPhase[]);
const servicePhases = new Set<unknown>([
  "listed",
  "stopping",
  "started",
  "gone",
] satisfies readonly ServicePhase[]);
const sessionPhases = new Set<unknown>([
  "stopping",
  "open",
  "starting",
  "abandoned",
] satisfies readonly SessionPhase[]);
const choices = new Set<unknown>([
  "keepStopped",
  "startServices",
] satisfies readonly OnAbandonedRestore[]);

type Fields = Readonly<Record<string, unknown>>;

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTime(value: unknown): boolean {
  return typeof value === "string" && !Number.isNaN(Date.parse(value));
}

function isProcess(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { pid, startedAt, image } = value;
  if (!Number.isSafeInteger(pid) || typeof image !== "string") return false;
  return typeof startedAt === "string" && /^\d{1,20}$/u.test(startedAt);
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === "string";
}

function isComponent(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { componentName, logicalPath, phase, client, outcome, mayBeOverwritten } = value;
  return (
    isTextOrNull(componentName) &&
    isTextOrNull(logicalPath) &&
    componentPhases.has(phase) &&
    (client === null || isProcess(client)) &&
    (outcome === undefined || typeof outcome === "string") &&
    (mayBeOverwritten === undefined || mayBeOverwritten === true)
  );
}

function isService(value: unknown): boolean {
  if (!isFields(value)) return false;
  const { name, stateBefore, startTypeBefore, isDependent, phase } = value;
  return (
    typeof name === "string" &&
    name !== "" &&
    serviceStates.has(stateBefore) &&
    startTypes.has(startTypeBefore) &&
    typeof isDependent === "boolean" &&
    servicePhases.has(phase)
  );
}

function isJournal(value: unknown): value is Journal {
  if (!isFields(value)) return false;
  const { services, components } = value;
  return (
    value["schemaVersion"] === 2 &&
    choices.has(value["onAbandonedRestore"]) &&
    typeof value["sessionId"] === "string" &&
    typeof value["clsid"] === "string" &&
    isTime(value["openedAt"]) &&
    isTime(value["updatedAt"]) &&
    sessionPhases.has(value["phase"]) &&
    isProcess(value["server"]) &&
    Array.isArray(services) &&
    services.every(isService) &&
    Array.isArray(components) &&
    components.every(isComponent)
  );
}

/** Turns a journal of 0.1.0 into one of this version. */
function fromVersion1(fields: Fields): Fields {
  const { components } = fields;
  return {
    ...fields,
    schemaVersion: 2,
    onAbandonedRestore: "keepStopped" satisfies OnAbandonedRestore,
    ...(Array.isArray(components) && { components: components.map(componentFromVersion1) }),
  };
}

function componentFromVersion1(component: unknown): unknown {
  if (!isFields(component)) return component;
  const { phase, outcome } = component;
  // 0.1.0 gave up a component whose PreRestore had not succeeded with the same word.
  return phase === "abandoned" && outcome !== "ok"
    ? { ...component, phase: "finished" }
    : component;
}

/** Reads a journal's text; `undefined` when it is not a whole and sound journal of this version. */
export function parseJournal(text: string): Journal | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const journal = isFields(value) && value["schemaVersion"] === 1 ? fromVersion1(value) : value;
    return isJournal(journal) ? journal : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a journal; a lone surrogate in a component's name comes back as it was. */
export function formatJournal(journal: Journal): string {
  return `${JSON.stringify(journal, undefined, 1)}\n`;
}
