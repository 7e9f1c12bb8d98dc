/** How a component's PreRestore begins or joins a restore session, up to its stopped services. */
import { lateCrypto } from "../../base/late-modules.ts";
import { abandonLost } from "./abandoned.ts";
import { holderOf, type Holder } from "./holders.ts";
import type { Session } from "./journal/session.ts";
import type { Change, JournalService } from "./journal/step.ts";
import type { OpenJournal } from "./journal/store.ts";
import type { ListedService } from "./service-control.ts";
import type { RestoreSessionOptions } from "./session.ts";
import { holdStartType } from "./start-type.ts";
import {
  enterComponent,
  listServices,
  setServices,
  settleLeft,
  type Entering,
} from "./transitions.ts";

function toListed(service: ListedService): JournalService {
  const { name, state, startType, delayedStart, isDependent } = service;
  return {
    name,
    stateBefore: state,
    startTypeBefore: startType,
    delayedStartBefore: delayedStart,
    isDependent,
    phase: "listed",
  };
}

/** A service that another add-in keeps stopped: whoever ends last starts it. */
function toHeld(service: ListedService, holders: readonly Holder[]): readonly JournalService[] {
  const held = holderOf(service.name, holders)?.service;
  if (held === undefined) return [];
  const { startTypeBefore, delayedStartBefore } = held;
  return [{ ...toListed(service), startTypeBefore, delayedStartBefore }];
}

function isStopped({ state }: ListedService): boolean {
  return state === "STOPPED";
}

/**
 * Lists what must stop, refuses what could not be started again, and opens the journal. No service
 * has been asked to stop when it returns.
 *
 * @returns `undefined` for an add-in without services: nothing is stopped, so nothing is owed.
 */
export async function beginSession(
  options: RestoreSessionOptions,
  { client }: Entering,
): Promise<OpenJournal | undefined> {
  const { clsid, settings, control, store, emit, server, findHolders } = options;
  if (settings.services.length === 0) return undefined;
  const listed = await control.list(settings.services);
  await control.refuseUnstartable(listed);
  const holders = findHolders();
  const services = listed.flatMap((one) =>
    isStopped(one) ? toHeld(one, holders) : [toListed(one)],
  );
  const sessionId = lateCrypto().randomUUID();
  const journal = store.begin(
    { type: "opened", version: 2, sessionId, clsid, server, settings },
    services,
  );
  const names = services.map(({ name }) => name);
  emit({
    event: "sessionOpened",
    sessionId,
    ...(client === null ? {} : { clientPid: client.pid, clientImage: client.image }),
    services: names,
  });
  for (const { name, state, isDependent } of listed) {
    if (isDependent || names.includes(name)) continue;
    emit({ event: "serviceNotRunning", service: name, state });
  }
  return journal;
}

/** Lists the services of a session and of the manifest that run now, whoever started them. */
export function listRunning(
  { control, settings }: Pick<RestoreSessionOptions, "control" | "settings">,
  session: Session,
): Promise<readonly ListedService[]> {
  return control.running(namesOf(session, settings.services));
}

function namesOf(session: Session, more: readonly string[]): readonly string[] {
  const all = [...session.services.map(({ name }) => name), ...session.settings.services, ...more];
  return [...new Map(all.map((name) => [name.toUpperCase(), name])).values()];
}

/**
 * Notes a component, and services that somebody has started since the last look.
 *
 * @returns Whether services must stop.
 */
export async function joinSession(
  options: RestoreSessionOptions,
  journal: OpenJournal,
  entering: Entering,
): Promise<boolean> {
  const { living } = options;
  const { session } = journal;
  const lost = abandonLost(session, living);
  const again = session.phase === "opened" ? [] : await listAgain(options, session);
  journal.write([...lost, ...again, enterComponent(session, entering)]);
  journal.reserve();
  if (again.length === 0) return session.phase !== "open";
  // Other add-ins must see what is about to stop.
  journal.mark(session.services.filter(({ phase }) => phase === "listed" || phase === "stopping"));
  return true;
}

/** Lists services that run again, with what depends on them now. */
async function listAgain(
  options: RestoreSessionOptions,
  session: Session,
): Promise<readonly Change[]> {
  const { control } = options;
  const running = await listRunning(options, session);
  if (running.length === 0) return [];
  const listed = await control.list(running.map(({ name }) => name));
  const mustStop = listed.filter((one) => !isStopped(one));
  await control.refuseUnstartable(mustStop);
  const services = listServices(session, mustStop.map(toListed));
  const ran: Change = { type: "ran", services: running.map(({ name }) => name) };
  return [{ type: "services", services }, ran, { type: "phase", phase: "stopping" }];
}

/** Stops what the session lists; all of it is owed before the first service is asked to stop. */
export async function stopServices(
  { control }: Pick<RestoreSessionOptions, "control">,
  journal: OpenJournal,
  signal: AbortSignal,
): Promise<void> {
  const { session } = journal;
  const { settings } = session;
  const services = session.services.filter(
    ({ phase }) => phase === "listed" || phase === "stopping",
  );
  // One that somebody else was stopping is waited for, and not the kit's to start again.
  const owed = services.filter(({ stateBefore }) => stateBefore !== "STOP_PENDING");
  journal.write([setServices(owed, "stopping"), { type: "phase", phase: "stopping" }]);
  const isHeld = settings.onAbandonedRestore === "keepStopped";
  for (const service of services) {
    if (isHeld && owed.includes(service)) await holdStartType(control, service);
    await control.stop(service.name, { timeoutMs: settings.serviceTimeoutMs, signal });
  }
  journal.write([...settleLeft(session), { type: "phase", phase: "open" }]);
}
