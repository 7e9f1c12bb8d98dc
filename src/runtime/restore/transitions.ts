import { isSameComponent, type Component } from "../../base/component.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import type {
  ComponentPhase,
  Journal,
  ComponentProgress,
  JournalService,
  SessionPhase,
} from "./journal.ts";

/** What a new session begins with. */
export interface SessionStart {
  readonly sessionId: string;
  readonly clsid: string;
  readonly now: Date;
  readonly server: ProcessIdentity;
  readonly services: readonly JournalService[];
}

/** A session without components whose services have not been asked to stop yet. */
export function openSession(start: SessionStart): Journal {
  const time = start.now.toISOString();
  return {
    schemaVersion: 1,
    sessionId: start.sessionId,
    clsid: start.clsid,
    openedAt: time,
    updatedAt: time,
    phase: "stopping",
    server: start.server,
    services: start.services,
    components: [],
  };
}

export function findComponent(
  journal: Journal,
  component: Component,
): ComponentProgress | undefined {
  return journal.components.find((one) => isSameComponent(one, component));
}

/** Whether a component's restore is waited for by the session. */
export function isActive({ phase }: ComponentProgress): boolean {
  return phase === "preparing" || phase === "prepared";
}

/** Puts a component into a phase; one that is new is added, one that is there counts once. */
export function setComponent(
  journal: Journal,
  { componentName, logicalPath }: Component,
  phase: ComponentPhase,
  details: { readonly client?: ProcessIdentity | null; readonly outcome?: string } = {},
): Journal {
  const before = findComponent(journal, { componentName, logicalPath });
  const client = details.client === undefined ? (before?.client ?? null) : details.client;
  const outcome = details.outcome ?? before?.outcome;
  const after: ComponentProgress = {
    componentName,
    logicalPath,
    phase,
    client,
    ...(outcome === undefined ? {} : { outcome }),
  };
  const components =
    before === undefined
      ? [...journal.components, after]
      : journal.components.map((one) => (one === before ? after : one));
  return { ...journal, components };
}

export function setService(
  journal: Journal,
  name: string,
  phase: JournalService["phase"],
): Journal {
  const services = journal.services.map((one) => (one.name === name ? { ...one, phase } : one));
  return { ...journal, services };
}

export function setPhase(journal: Journal, phase: SessionPhase): Journal {
  return { ...journal, phase };
}

/** Services whose start the kit owes, in the order to start them. */
export function owedServices({ services }: Journal): readonly string[] {
  return services
    .filter(({ phase }) => phase === "stopping")
    .map(({ name }) => name)
    .toReversed();
}

/** What is known of the processes of a session. */
export interface Living {
  /** Whether that very process runs; a caller that Windows did not tell counts as running. */
  isAlive(process: ProcessIdentity): boolean;
}

/**
 * Marks as abandoned what nobody will finish: components whose client has gone, and those whose
 * PreRestore was being served when its server went.
 */
export function abandonLost(journal: Journal, living: Living): Journal {
  const serverLives = living.isAlive(journal.server);
  const components = journal.components.map((one): ComponentProgress => {
    if (!isActive(one) && one.phase !== "left") return one;
    const clientLives = one.client === null || living.isAlive(one.client);
    if (clientLives && (serverLives || one.phase !== "preparing")) return one;
    return { ...one, phase: "abandoned" };
  });
  return { ...journal, components };
}

/** Settles what was left after a service did not stop: all of them are stopped now. */
export function settleLeft(journal: Journal): Journal {
  const components = journal.components.map((one): ComponentProgress =>
    one.phase === "left" ? { ...one, phase: "finished" } : one,
  );
  return { ...journal, components };
}

/** Marks everything that is still waited for as abandoned. */
export function abandonAll(journal: Journal): Journal {
  const components = journal.components.map((one): ComponentProgress =>
    isActive(one) || one.phase === "left" ? { ...one, phase: "abandoned" } : one,
  );
  return { ...journal, components };
}

/** Whether somebody may still come to finish what was prepared. */
export function isAwaited(journal: Journal): boolean {
  return journal.components.some((one) => isActive(one) || one.phase === "left");
}
