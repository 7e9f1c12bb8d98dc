import { WsbError, errorText } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { showProcess } from "../../base/process-identity.ts";
import type { SessionOutcome } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import type { Journal } from "./journal.ts";
import type { JournalStore } from "./journal-file.ts";
import type { ServiceControl } from "./service-control.ts";
import { dueOf, halfRestored, type Due } from "./abandoned.ts";
import { owedServices, setPhase, setService } from "./transitions.ts";

/** What it takes to end a session, in whatever process. */
export interface SessionMachine {
  readonly store: JournalStore;
  readonly control: ServiceControl;
  /** Longest wait for one service to stop or start. */
  readonly serviceTimeoutMs: number;
  readonly emit: Emit;
}

/**
 * Writes the journal where a failure must not keep services stopped: it becomes an event, and the
 * older journal still tells what is owed.
 */
function writeIfPossible({ store, emit }: SessionMachine, journal: Journal): void {
  try {
    store.write(journal);
  } catch (error) {
    emit({ event: "message", level: "error", text: errorText(error) });
  }
}

/**
 * Does what is due in a session. The session lock must be held.
 *
 * @returns What was due: after `keepStopped` the services stay stopped until somebody decides.
 * @throws {@link WsbError} as {@link closeSession}.
 */
export async function settleSession(
  machine: SessionMachine,
  journal: Journal,
  outcome: SessionOutcome,
): Promise<Due> {
  const due = dueOf(journal);
  if (due === "start") await closeSession(machine, journal, outcome);
  if (due === "keepStopped" && journal.phase !== "abandoned") {
    reportAbandoned(machine, journal);
    // A failure is the caller's: a guardian that went on would report the same twice a second.
    machine.store.write(setPhase(journal, "abandoned"));
  }
  return due;
}

/** Says that the services of an abandoned restore stay stopped, and what can be done. */
export function reportAbandoned({ emit }: Pick<SessionMachine, "emit">, journal: Journal): void {
  const clients = journal.components
    .filter(({ phase }) => phase === "abandoned")
    .map(({ client }) => showProcess(client));
  emit({
    event: "restoreAbandoned",
    sessionId: journal.sessionId,
    components: halfRestored(journal),
    services: owedServices(journal),
    clients: [...new Set(clients)],
  });
}

/** Says why services stay stopped, and what to do about it. */
export function abandonedText(journal: Journal): string {
  const services = owedServices(journal).join(", ") || "none";
  return `These components may be half restored: ${halfRestored(journal).join(", ")}. The services stay stopped: ${services}. Restore the components again, or decide: wsb-addin recover --start, or wsb-addin recover --keep-stopped`;
}

/** A service that was deleted while the session was open. */
function isGone(error: unknown): boolean {
  if (!(error instanceof WsbError)) return false;
  const { hresult } = error;
  return (
    hresult === HRESULT.ERROR_SERVICE_DOES_NOT_EXIST ||
    hresult === HRESULT.ERROR_SERVICE_MARKED_FOR_DELETE
  );
}

/** Starts one service; one that no longer exists is owed no longer. */
async function startOwed(
  { control, serviceTimeoutMs, emit }: SessionMachine,
  journal: Journal,
  name: string,
): Promise<Journal> {
  try {
    await control.start(name, { timeoutMs: serviceTimeoutMs });
    return setService(journal, name, "started");
  } catch (error) {
    if (!isGone(error)) throw error;
    emit({ event: "serviceGone", service: name });
    return setService(journal, name, "gone");
  }
}

/**
 * Starts what the session has stopped, last stopped first, and ends the journal. The session lock
 * must be held.
 *
 * A service that does not start does not keep the others from starting, and keeps the journal open:
 * the guardian, the next call and `wsb-addin recover` try again.
 *
 * @returns The services that were started, in that order.
 * @throws {@link WsbError} `ERR_WSB_SERVICE` with the text of every service that did not start.
 */
export async function closeSession(
  machine: SessionMachine,
  journal: Journal,
  outcome: SessionOutcome,
): Promise<readonly string[]> {
  let current = setPhase(journal, "starting");
  writeIfPossible(machine, current);
  const failures: unknown[] = [];
  for (const name of owedServices(current)) {
    try {
      current = await startOwed(machine, current, name);
      writeIfPossible(machine, current);
    } catch (error) {
      failures.push(error);
    }
  }
  endSession(machine, current, outcome);
  if (failures.length === 0) return startedServices(current, owedServices(journal));
  throw new WsbError("ERR_WSB_SERVICE", failures.map(errorText).join(" "), { cause: failures[0] });
}

/** Returns those of `names` that run again; one that was deleted meanwhile does not. */
function startedServices(journal: Journal, names: readonly string[]): readonly string[] {
  const started = journal.services.filter(({ phase }) => phase === "started");
  return names.filter((name) => started.some((one) => one.name === name));
}

/** Says how a session ended, and ends its journal unless services are still owed. */
function endSession(
  { store, emit }: SessionMachine,
  journal: Journal,
  outcome: SessionOutcome,
): void {
  const { sessionId } = journal;
  const leftStopped = owedServices(journal);
  emit({ event: "sessionClosed", sessionId, outcome, leftStopped });
  for (const service of leftStopped) emit({ event: "serviceLeftStopped", sessionId, service });
  if (leftStopped.length === 0) store.remove();
}

/** Ends a session without starting its services, because somebody decided so. */
export function closeKeptStopped({ store, emit }: SessionMachine, journal: Journal): void {
  const { sessionId } = journal;
  const leftStopped = owedServices(journal);
  store.remove();
  emit({ event: "sessionClosed", sessionId, outcome: "keptStopped", leftStopped });
  for (const service of leftStopped) emit({ event: "serviceLeftStopped", sessionId, service });
}
