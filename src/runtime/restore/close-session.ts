import { WsbError, errorText } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { showProcess } from "../../base/process-identity.ts";
import type { SessionOutcome } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import { holderOf, type FindHolders, type Held } from "./holders.ts";
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

const DECIDE =
  "Restore the components again, or decide: wsb-addin recover --start, or wsb-addin recover --keep-stopped";

/** Says why services stay stopped, and what to do about it. */
export function abandonedText(session: Session): string {
  const services = owedNames(session).join(", ") || "none";
  if (session.damage !== undefined) {
    return `A restore session is open, and ${session.damage}. Services that may be stopped: ${services}. Look at the files of the last restore, then decide: wsb-addin recover --start, or wsb-addin recover --keep-stopped`;
  }
  return `These components may be half restored: ${halfRestored(session).join(", ")}. The services stay stopped: ${services}. ${DECIDE}`;
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
 * @returns The services that were started, in that order.
 * @throws {@link WsbError} `ERR_WSB_SERVICE` with the text of every service that did not start.
 */
export async function startOwed(
  machine: SessionMachine,
  journal: OpenJournal,
  outcome: SessionOutcome,
): Promise<readonly string[]> {
  journal.writeIfPossible([{ type: "phase", phase: "starting" }]);
  const holders = machine.findHolders();
  const started: string[] = [];
  const failures: unknown[] = [];
  for (const service of owedServices(journal.session)) {
    try {
      const phase = await endDebt(machine, journal.session, {
        service,
        held: holderOf(service.name, holders),
      });
      if (phase === "started") started.push(service.name);
      journal.writeIfPossible([setServices([service], phase)]);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 0) return started;
  leaveStopped(machine, journal, outcome);
  throw new WsbError("ERR_WSB_SERVICE", failures.map(errorText).join(" "), { cause: failures[0] });
}

interface Debt {
  readonly service: JournalService;
  readonly held: Held | undefined;
}

/** Starts a service, or finds why it need not be started here. */
async function endDebt(
  { control, emit }: SessionMachine,
  { sessionId, settings }: Session,
  { service, held }: Debt,
): Promise<JournalService["phase"]> {
  const { name } = service;
  if (held?.service !== undefined) {
    emit({ event: "servicePassed", sessionId, service: name, holder: held.clsid });
    return "passed";
  }
  if (held !== undefined) throw unreadableHolder(name, held);
  try {
    await startAsBefore(control, service, settings.serviceTimeoutMs);
    return "started";
  } catch (error) {
    if (!isGone(error)) throw error;
    emit({ event: "serviceGone", service: name });
    return "gone";
  }
}

/** Puts the start type back and starts the service; it is started even when the former fails. */
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
  await control.start(service.name, { timeoutMs });
  if (failure !== undefined) throw failure;
}

function unreadableHolder(name: string, { clsid }: Held): WsbError {
  return new WsbError(
    "ERR_WSB_SERVICE",
    `Service ${name} is not started: the restore session of the add-in ${clsid} cannot be read and may need it stopped. End that session first: run wsb-addin recover for that add-in.`,
  );
}

/** Says which services are left stopped, and lets other add-ins know of just these. */
function leaveStopped(
  { emit }: SessionMachine,
  journal: OpenJournal,
  outcome: SessionOutcome,
): void {
  const { sessionId } = journal.session;
  const leftStopped = owedNames(journal.session);
  try {
    journal.mark([]);
  } catch (error) {
    emit({ event: "message", level: "error", text: errorText(error) });
  }
  emit({ event: "sessionClosed", sessionId, outcome, leftStopped });
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

/** Ends a session without starting its services, because somebody decided so. */
export function closeKeptStopped({ emit }: SessionMachine, journal: OpenJournal): void {
  const { sessionId } = journal.session;
  const leftStopped = owedNames(journal.session);
  journal.end("keptStopped");
  emit({ event: "sessionClosed", sessionId, outcome: "keptStopped", leftStopped });
  for (const service of leftStopped) emit({ event: "serviceLeftStopped", sessionId, service });
}
