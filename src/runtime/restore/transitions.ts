import { isSameComponent, type Component } from "../../base/component.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { OnAbandonedRestore } from "../manifest/manifest.ts";
import type { ComponentProgress, Journal, JournalService, SessionPhase } from "./journal.ts";

/** The beginning of a session. */
export interface SessionStart {
  readonly sessionId: string;
  readonly clsid: string;
  readonly now: Date;
  readonly onAbandonedRestore: OnAbandonedRestore;
  readonly server: ProcessIdentity;
  readonly services: readonly JournalService[];
}

/** Returns a session without components whose services have not been asked to stop yet. */
export function openSession(start: SessionStart): Journal {
  const time = start.now.toISOString();
  return {
    schemaVersion: 2,
    sessionId: start.sessionId,
    clsid: start.clsid,
    openedAt: time,
    updatedAt: time,
    phase: "stopping",
    onAbandonedRestore: start.onAbandonedRestore,
    server: start.server,
    services: start.services,
    components: [],
  };
}

/** A component as one client restores it: two clients may restore the same component. */
export interface Restoring {
  readonly component: Component;
  /** `null` when Windows does not tell who calls. */
  readonly client: ProcessIdentity | null;
}

function isSameClient(one: ProcessIdentity | null, other: ProcessIdentity | null): boolean {
  return one?.pid === other?.pid && one?.startedAt === other?.startedAt;
}

/** Returns how far a client's component has come; `undefined` when the session does not know it. */
export function findProgress(
  journal: Journal,
  { component, client }: Restoring,
): ComponentProgress | undefined {
  return journal.components.find(
    (one) => isSameComponent(one, component) && isSameClient(one.client, client),
  );
}

/** Tells whether somebody may still come to finish a component. */
export function isActive({ phase }: ComponentProgress): boolean {
  return phase === "preparing" || phase === "prepared";
}

type Change = Pick<ComponentProgress, "phase"> &
  Partial<Pick<ComponentProgress, "outcome" | "mayBeOverwritten">>;

/** Puts a client's component into a phase; a new one is added, a known one counts once. */
function setProgress(journal: Journal, restoring: Restoring, change: Change): Journal {
  const before = findProgress(journal, restoring);
  const { componentName, logicalPath } = restoring.component;
  const after: ComponentProgress = {
    ...(before ?? { componentName, logicalPath, client: restoring.client }),
    ...change,
  };
  const components =
    before === undefined
      ? [...journal.components, after]
      : journal.components.map((one) => (one === before ? after : one));
  return { ...journal, components };
}

/** Notes that PreRestore of a component is being served; an earlier one may have succeeded. */
export function enterComponent(journal: Journal, restoring: Restoring): Journal {
  const phase = findProgress(journal, restoring)?.phase;
  const isAgain = phase === "prepared" || phase === "abandoned";
  return setProgress(journal, restoring, {
    phase: "preparing",
    ...(isAgain && { mayBeOverwritten: true }),
  });
}

/** Notes that PreRestore of a component has succeeded. */
export function prepareComponent(journal: Journal, restoring: Restoring): Journal {
  return setProgress(journal, restoring, { phase: "prepared", outcome: "ok" });
}

/** Notes that PreRestore of a component has failed, with services to be kept stopped. */
export function leaveComponent(journal: Journal, restoring: Restoring, outcome: string): Journal {
  return setProgress(journal, restoring, { phase: "left", outcome });
}

/** Notes that PreRestore of a component has failed: only an earlier one can have led to a restore. */
export function failPreparing(journal: Journal, restoring: Restoring, outcome: string): Journal {
  const isHalf = findProgress(journal, restoring)?.mayBeOverwritten === true;
  return setProgress(journal, restoring, { phase: isHalf ? "abandoned" : "finished", outcome });
}

/** Notes that PostRestore of a component has failed: its files may be half restored. */
export function failRestoring(journal: Journal, restoring: Restoring, outcome: string): Journal {
  return setProgress(journal, restoring, { phase: "abandoned", outcome });
}

/**
 * Notes that a component is restored: PreRestore and PostRestore have succeeded. That settles the
 * same component where another client had abandoned it.
 */
export function finishComponent(journal: Journal, restoring: Restoring): Journal {
  const finished = setProgress(journal, restoring, { phase: "finished", outcome: "ok" });
  const isSettled = (one: ComponentProgress): boolean =>
    (one.phase === "abandoned" || one.phase === "finished") &&
    isSameComponent(one, restoring.component);
  const components = finished.components.map((one) => (isSettled(one) ? settle(one) : one));
  return { ...finished, components };
}

function settle({ componentName, logicalPath, client }: ComponentProgress): ComponentProgress {
  return { componentName, logicalPath, client, phase: "finished", outcome: "ok" };
}

export function setService(
  journal: Journal,
  name: string,
  phase: JournalService["phase"],
): Journal {
  const services = journal.services.map((one) => (one.name === name ? { ...one, phase } : one));
  return { ...journal, services };
}

/** Adds services that the session does not know yet; one that it knows must be stopped again. */
export function listServices(journal: Journal, running: readonly JournalService[]): Journal {
  const again = new Set(running.map(({ name }) => name.toUpperCase()));
  const isAgain = ({ name }: JournalService): boolean => again.has(name.toUpperCase());
  const known = new Set(journal.services.map(({ name }) => name.toUpperCase()));
  const services = [
    ...journal.services.map((one): JournalService =>
      isAgain(one) && one.phase !== "stopping" ? { ...one, phase: "listed" } : one,
    ),
    ...running.filter(({ name }) => !known.has(name.toUpperCase())),
  ];
  return { ...journal, services };
}

export function setPhase(journal: Journal, phase: SessionPhase): Journal {
  return { ...journal, phase };
}

/** Returns the services whose start the kit owes, in the order to start them. */
export function owedServices({ services }: Journal): readonly string[] {
  return services
    .filter(({ phase }) => phase === "stopping")
    .map(({ name }) => name)
    .toReversed();
}

/** Forgets failures of PreRestore that kept services stopped: all services are stopped now. */
export function settleLeft(journal: Journal): Journal {
  const components = journal.components.map((one): ComponentProgress =>
    one.phase === "left" ? { ...one, phase: "finished" } : one,
  );
  return { ...journal, components };
}
