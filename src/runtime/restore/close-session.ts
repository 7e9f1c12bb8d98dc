import { WsbError, errorText } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { commandHere } from "../../base/own-command.ts";
import { showProcess } from "../../base/process-identity.ts";
import type { SessionOutcome } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import { holderOf, type FindHolders, type Held, type Holder } from "./holders.ts";
import { halfRestored, owedNames, owedServices, type Session } from "./journal/session.ts";
import type { JournalService } from "./journal/step.ts";
import type { JournalStore, OpenJournal } from "./journal/store.ts";
import type { ServiceControl } from "./service-control.ts";
import { putStartTypeBack } from "./start-type.ts";
import { setServices } from "./transitions.ts";

/** What it takes to end a session, in whatever process. */
export interface SessionMachine {
  readonly store: JournalStore;
  readonly control: ServiceControl;
  readonly findHolders: FindHolders;
  readonly emit: Emit;
}

/** Says that the services of an abandoned restore stay stopped, and what can be done. */
export function reportAbandoned({ emit }: Pick<SessionMachine, "emit">, session: Session): void {
  const clients = session.components.abandoned.map(({ client }) => showProcess(client));
  const { sessionId, damage } = session;
  if (damage !== undefined) {
    emit({ event: "journalDamaged", sessionId, text: damage, services: owedNames(session) });
    return;
  }
  emit({
    event: "restoreAbandoned",
    sessionId,
    components: halfRestored(session),
    services: owedNames(session),
    clients: [...new Set(clients)],
  });
}

function choices(): string {
  return `${commandHere("recover --start")}, or ${commandHere("recover --keep-stopped")}`;
}

/** Says why services stay stopped, and what to do about it. */
export function abandonedText(session: Session): string {
  const services = owedNames(session).join(", ") || "none";
  if (session.damage !== undefined) {
    return `A restore session is open, and ${session.damage}. Services that may be stopped: ${services}. Look at the files of the last restore, then decide: ${choices()}`;
  }
  return `These components may be half restored: ${halfRestored(session).join(", ")}. The services stay stopped: ${services}. Restore the components again, or decide: ${choices()}`;
}

/** The error for calls while a session is open whose journal is damaged. */
export function damagedError(session: Session): WsbError {
  return new WsbError("ERR_WSB_JOURNAL", abandonedText(session));
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

/**
 * Starts what the session has stopped, last stopped first. The session lock must be held.
 *
 * A service that another add-in needs stopped passes to it. One that does not start does not keep
 * the others from starting, and keeps the journal open: the guardian, the next call and
 * `wsb-addin recover` try again.
 *
 * @throws {@link WsbError} `ERR_WSB_SERVICE` with the text of every service that did not start.
 */
export async function startOwed(
  machine: SessionMachine,
  journal: OpenJournal,
  outcome: SessionOutcome,
): Promise<void> {
  journal.writeIfPossible([{ type: "phase", phase: "starting" }]);
  const holders = machine.findHolders();
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      failures.push(error);
    }
  };
  await attempt(async () => passHeld(machine, journal, holders));
  for (const service of owedServices(journal.session)) {
    await attempt(() => startService(machine, journal, service, holders));
  }
  if (failures.length === 0) return;
  leaveStopped(machine, journal, outcome);
  throw new WsbError("ERR_WSB_SERVICE", failures.map(errorText).join(" "), { cause: failures[0] });
}

/** Passes services to other add-ins that need them stopped and will start them. */
function passHeld(
  { emit }: SessionMachine,
  journal: OpenJournal,
  holders: readonly Holder[],
): void {
  const { sessionId } = journal.session;
  const owed = owedServices(journal.session);
  const passed = owed.filter((one) => takerOf(one, holders) !== undefined);
  if (passed.length === 0) return;
  // The mark first: as long as it named them, the other add-in would pass them back.
  journal.mark(owed.filter((one) => !passed.includes(one)));
  journal.writeIfPossible([setServices(passed, "passed")]);
  for (const one of passed) {
    const holder = takerOf(one, holders)?.clsid ?? "";
    if (!one.staysStopped) emit({ event: "servicePassed", sessionId, service: one.name, holder });
  }
}

/** Finds who does later for a service what is owed here. */
function takerOf(
  { name, staysStopped }: JournalService,
  holders: readonly Holder[],
): Holder | undefined {
  return holders.find((holder) => {
    const theirs = holderOf(name, [holder])?.service;
    // Who found it at rest starts it never.
    return theirs !== undefined && (staysStopped === true || theirs.staysStopped === undefined);
  });
}

/** Starts a service; one that was deleted meanwhile is owed no longer. */
async function startService(
  { control, emit }: SessionMachine,
  journal: OpenJournal,
  service: JournalService,
  holders: readonly Holder[],
): Promise<void> {
  const held = holderOf(service.name, holders);
  if (held !== undefined) throw stillHeld(service.name, held);
  try {
    await startAsBefore(control, service, journal.session.settings.serviceTimeoutMs);
    journal.writeIfPossible([setServices([service], "started")]);
  } catch (error) {
    if (!isGone(error)) throw error;
    emit({ event: "serviceGone", service: service.name });
    journal.writeIfPossible([setServices([service], "gone")]);
  }
}

/** Puts the start type back and starts a service that ran; it is started even when the former fails. */
async function startAsBefore(
  control: ServiceControl,
  service: JournalService,
  timeoutMs: number,
): Promise<void> {
  let failure: unknown;
  try {
    await putStartTypeBack(control, service);
  } catch (error) {
    if (isGone(error)) throw error;
    failure = error;
  }
  if (!service.staysStopped) await control.start(service.name, { timeoutMs });
  if (failure !== undefined) throw failure;
}

function stillHeld(name: string, { clsid, service }: Held): WsbError {
  const why =
    service === undefined
      ? `the restore session of the add-in ${clsid} cannot be read and may need it stopped. End that session first with the command recover of that add-in.`
      : `the add-in ${clsid} needs it stopped, and it could not be passed to that add-in. Run: ${commandHere("recover")}`;
  return new WsbError("ERR_WSB_SERVICE", `Service ${name} is not started: ${why}`);
}

/** Says which services are left stopped, and lets other add-ins know of just these. */
function leaveStopped(
  { emit }: SessionMachine,
  journal: OpenJournal,
  outcome: SessionOutcome,
): void {
  const { sessionId } = journal.session;
  const leftStopped = owedNames(journal.session);
  journal.markIfPossible(owedServices(journal.session));
  // "completed" would tell an administrator that all is well.
  const end = outcome === "completed" ? "failed" : outcome;
  emit({ event: "sessionClosed", sessionId, outcome: end, leftStopped });
  for (const service of leftStopped) emit({ event: "serviceLeftStopped", sessionId, service });
}

/** Ends a session whose services run again. */
export function endSession(
  { emit }: SessionMachine,
  journal: OpenJournal,
  outcome: SessionOutcome,
): void {
  const { sessionId } = journal.session;
  journal.end(outcome);
  emit({ event: "sessionClosed", sessionId, outcome, leftStopped: [] });
}

/**
 * Ends a session without starting its services, because somebody decided so.
 *
 * @returns The services that nobody starts, in the order in which they were stopped.
 */
export function closeKeptStopped(
  { emit, findHolders }: SessionMachine,
  journal: OpenJournal,
): readonly JournalService[] {
  const { sessionId } = journal.session;
  const holders = findHolders();
  const left: JournalService[] = [];
  for (const one of owedServices(journal.session)) {
    const taker = takerOf(one, holders);
    // Only an add-in that names the service is known to start it when its own restore ends.
    if (taker === undefined) left.push(one);
    else emit({ event: "servicePassed", sessionId, service: one.name, holder: taker.clsid });
  }
  const leftStopped = left.map(({ name }) => name);
  journal.end("keptStopped");
  emit({ event: "sessionClosed", sessionId, outcome: "keptStopped", leftStopped });
  for (const service of leftStopped) emit({ event: "serviceLeftStopped", sessionId, service });
  return left.toReversed();
}
