import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { Component } from "../../base/component.ts";
import type { ServiceStartType, ServiceState } from "../native/binding.ts";

/** How far a component of a restore session has come. */
export type ComponentPhase =
  /** PreRestore is being served. */
  | "preparing"
  /** PreRestore has succeeded: its files may be being restored. */
  | "prepared"
  /** PreRestore has failed and the manifest wants services left stopped until the client ends. */
  | "left"
  /** PostRestore was served, or PreRestore failed: nothing is waited for. */
  | "finished"
  /** Its client ended without PostRestore. */
  | "abandoned";

export interface ComponentProgress extends Component {
  readonly phase: ComponentPhase;
  /** Who asked last; `null` when Windows did not tell. */
  readonly client: ProcessIdentity | null;
  /** `"ok"`, or the text of the failure; absent while no handler has ended. */
  readonly outcome?: string;
}

/** How far the kit has come with a service. */
export type ServicePhase =
  /** It ran and was not asked to stop yet. */
  | "listed"
  /** It was asked to stop, or was about to be: the kit owes its start. */
  | "stopping"
  /** It runs again. */
  | "started";

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
  /** Services are being started; what is not started yet did not start or was not asked. */
  | "starting";

/** The durable record of a restore session. It exists exactly as long as the session is open. */
export interface Journal {
  readonly schemaVersion: 1;
  readonly sessionId: string;
  readonly clsid: string;
  /** ISO 8601, UTC. */
  readonly openedAt: string;
  /** Time of the last entry, ISO 8601, UTC. */
  readonly updatedAt: string;
  readonly phase: SessionPhase;
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
] satisfies readonly ServicePhase[]);
const sessionPhases = new Set<unknown>([
  "stopping",
  "open",
  "starting",
] satisfies readonly SessionPhase[]);

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
  const { componentName, logicalPath, phase, client, outcome } = value;
  return (
    isTextOrNull(componentName) &&
    isTextOrNull(logicalPath) &&
    componentPhases.has(phase) &&
    (client === null || isProcess(client)) &&
    (outcome === undefined || typeof outcome === "string")
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
    value["schemaVersion"] === 1 &&
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

/** Reads a journal's text; `undefined` when it is not a whole and sound journal of this version. */
export function parseJournal(text: string): Journal | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJournal(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The text of a journal; a lone surrogate in a component's name comes back as it was. */
export function formatJournal(journal: Journal): string {
  return `${JSON.stringify(journal, undefined, 1)}\n`;
}
