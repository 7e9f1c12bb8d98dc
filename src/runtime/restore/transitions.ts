import { isSameComponent, showComponent, type Component } from "../../base/component.ts";
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

/** Tells whether the processes of a session run. */
export interface Living {
  /** Tells whether that very process runs. */
  isAlive(process: ProcessIdentity): boolean;
}

/** Answers each question about a process once: a session of 10,000 components has few clients. */
function rememberLiving(living: Living): Living {
  const known = new Map<string, boolean>();
  return {
    isAlive(process) {
      const key = `${process.pid} ${process.startedAt}`;
      const answer = known.get(key) ?? living.isAlive(process);
      known.set(key, answer);
      return answer;
    },
  };
}

/** Gives up a component that nobody will finish: its files may be half restored, or are untouched. */
function giveUp(one: ComponentProgress): ComponentProgress {
  const isHalf = one.phase === "prepared" || one.mayBeOverwritten === true;
  return { ...one, phase: isHalf ? "abandoned" : "finished" };
}

function giveUpWhere(journal: Journal, isLost: (one: ComponentProgress) => boolean): Journal {
  const components = journal.components.map((one): ComponentProgress =>
    (isActive(one) || one.phase === "left") && isLost(one) ? giveUp(one) : one,
  );
  return { ...journal, components };
}

/**
 * Gives up what nobody will finish: components whose client has ended, and those whose PreRestore was
 * being served when its server ended. A client that Windows did not tell counts as running.
 */
export function abandonLost(journal: Journal, living: Living): Journal {
  const known = rememberLiving(living);
  const serverLives = known.isAlive(journal.server);
  return giveUpWhere(journal, (one) => {
    const clientLives = one.client === null || known.isAlive(one.client);
    return !clientLives || (!serverLives && one.phase === "preparing");
  });
}

/** Gives up the components of clients that Windows did not tell: nothing else shows their end. */
export function abandonUnknown(journal: Journal): Journal {
  return giveUpWhere(journal, (one) => one.client === null);
}

/** Gives up everything that is still waited for. */
export function abandonAll(journal: Journal): Journal {
  return giveUpWhere(journal, () => true);
}

/** Forgets failures of PreRestore that kept services stopped: all services are stopped now. */
export function settleLeft(journal: Journal): Journal {
  const components = journal.components.map((one): ComponentProgress =>
    one.phase === "left" ? { ...one, phase: "finished" } : one,
  );
  return { ...journal, components };
}

/** Tells whether somebody may still come to finish what was prepared. */
export function isAwaited(journal: Journal): boolean {
  return journal.components.some((one) => isActive(one) || one.phase === "left");
}

/** Returns the components whose files may be half restored, each once, as VSS tools write them. */
export function halfRestored({ components }: Journal): readonly string[] {
  const abandoned = components.filter(({ phase }) => phase === "abandoned");
  return [...new Set(abandoned.map(showComponent))];
}

/** What is due in a session. */
export type Due =
  /** Somebody may still finish it. */
  | "wait"
  /** The services must start. */
  | "start"
  /** The services must stay stopped: files may be half restored, and nobody has decided. */
  | "keepStopped";

/**
 * Decides what is due in a session, after what nobody will finish was given up.
 *
 * A session whose services are being started is finished: that was decided before.
 */
export function dueOf(journal: Journal): Due {
  if (isAwaited(journal)) return "wait";
  if (journal.phase === "starting" || journal.onAbandonedRestore === "startServices")
    return "start";
  return halfRestored(journal).length === 0 ? "start" : "keepStopped";
}
