import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { Component } from "../../base/component.ts";
import type { SessionOutcome } from "../events/definitions.ts";
import { dueOf, type Due } from "./abandoned.ts";
import { endSession, reportAbandoned, startOwed, type SessionMachine } from "./close-session.ts";
import type { ServicesStartInfo } from "./hooks.ts";
import { owedNames, startedNames, type Session } from "./journal/session.ts";
import type { OpenJournal } from "./journal/store.ts";

/** A component of an abandoned restore, as the handler `restoreAbandoned` is told of it. */
export interface AbandonedComponent extends Component {
  /** The text of the failure; `null` when its PostRestore was never called. */
  readonly outcome: string | null;
  readonly client: ProcessIdentity | null;
  readonly noRollForward: boolean | null;
}

/** What the handler `restoreAbandoned` is told. */
export interface AbandonedInfo {
  readonly components: readonly AbandonedComponent[];
  /** The services that are stopped, in the order of their start. */
  readonly services: readonly string[];
}

/** What a process that ends sessions, and serves none, calls. */
export interface EndHooks {
  /** Must not throw: a failure is an event. */
  afterServicesStart(info: ServicesStartInfo): Promise<void>;
  /** Decides about an abandoned restore. Must not throw: a failure is an event and `keepStopped`. */
  restoreAbandoned(info: AbandonedInfo): Promise<"startServices" | "keepStopped">;
}

/** A machine on which sessions are ended by a process that serves none. */
export interface EndMachine extends SessionMachine {
  readonly endHooks: EndHooks;
}

/**
 * Does what is due in a session that nobody will finish. The session lock must be held.
 *
 * @returns What was done: after `keepStopped` the services stay stopped until somebody decides.
 * @throws {@link WsbError} as {@link closeSession}.
 */
export async function settleSession(
  machine: EndMachine,
  journal: OpenJournal,
  outcome: SessionOutcome,
): Promise<Due> {
  const due = dueOf(journal.session);
  if (due === "wait") return due;
  const isToStart = due === "start" || (await decideToStart(machine, journal));
  if (isToStart) await closeSession(machine, journal, outcome);
  else keepAbandoned(machine, journal);
  return isToStart ? "start" : "keepStopped";
}

/** Asks the add-in what to do; a journal that is damaged does not tell it enough. */
async function decideToStart({ endHooks }: EndMachine, { session }: OpenJournal): Promise<boolean> {
  if (session.damage !== undefined) return false;
  return (await endHooks.restoreAbandoned(abandonedInfo(session))) === "startServices";
}

function abandonedInfo(session: Session): AbandonedInfo {
  const components = session.components.abandoned.map((one): AbandonedComponent => ({
    componentName: one.componentName,
    logicalPath: one.logicalPath,
    outcome: one.outcome === undefined || one.outcome === "ok" ? null : one.outcome,
    client: one.client,
    noRollForward: one.noRollForward ?? null,
  }));
  return { components, services: owedNames(session) };
}

/** Reports an abandoned restore, whose services stay stopped until somebody decides. */
export function keepAbandoned(machine: SessionMachine, journal: OpenJournal): void {
  reportAbandoned(machine, journal.session);
  if (journal.session.phase !== "abandoned") {
    journal.writeIfPossible([{ type: "phase", phase: "abandoned" }]);
  }
}

/**
 * Starts what a session has stopped, and ends it. The session lock must be held.
 *
 * @returns The services that were started, in that order.
 * @throws {@link WsbError} `ERR_WSB_SERVICE` with the text of every service that did not start; the
 * session stays open then.
 */
export async function closeSession(
  machine: EndMachine,
  journal: OpenJournal,
  outcome: SessionOutcome,
): Promise<readonly string[]> {
  const wasStarted = journal.session.phase === "started";
  await startOwed(machine, journal, outcome);
  if (wasStarted) reportInterrupted(machine, journal);
  else await callAfterStart(machine, journal);
  const started = startedNames(journal.session);
  endSession(machine, journal, outcome);
  return started;
}

async function callAfterStart({ endHooks }: EndMachine, journal: OpenJournal): Promise<void> {
  const info = startedInfo(journal.session);
  if (info === undefined) return;
  noteStarted(journal, "other");
  await endHooks.afterServicesStart(info);
}

/** What `afterServicesStart` is told; `undefined` when no service was started. */
export function startedInfo(session: Session): ServicesStartInfo | undefined {
  const services = startedNames(session);
  return services.length === 0 ? undefined : { services, components: session.components.distinct };
}

/**
 * Notes that the services run and that `afterServicesStart` is called: nothing is owed any more. A
 * server calls it without the lock; of any other process that has ended, the lock tells.
 */
export function noteStarted(journal: OpenJournal, by: "server" | "other"): void {
  const byServer = by === "server" ? { byServer: true as const } : {};
  journal.writeIfPossible([{ type: "phase", phase: "started", ...byServer }]);
  // Other add-ins must not pass services to a session that starts none any more.
  journal.markIfPossible([]);
}

/** Says that the process of a session ended in its last handler. */
export function reportInterrupted({ emit }: SessionMachine, { session }: OpenJournal): void {
  emit({
    event: "message",
    level: "error",
    text: `The add-in's process ended during afterServicesStart, or before its end was recorded. The services run: ${startedNames(session).join(", ")}. Check what the handler had to do.`,
  });
}
