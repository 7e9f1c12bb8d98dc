/** How a component's PreRestore begins or joins a restore session, up to its stopped services. */
import { lateCrypto } from "../../base/late-modules.ts";
import { abandonLost } from "./abandoned.ts";
import { holderOf, type Holder } from "./holders.ts";
import { namesInRestore, owedServices, type Session } from "./journal/session.ts";
import {
  JOURNAL_VERSION,
  type Change,
  type JournalService,
  type SessionSettings,
} from "./journal/step.ts";
import type { OpenJournal } from "./journal/store.ts";
import { foldName } from "../../base/service-name.ts";
import type { ListedService, ServiceControl } from "./service-control.ts";
import type { RestoreSessionOptions } from "./session.ts";
import { holdStartType } from "./start-type.ts";
import {
  enterComponent,
  listServices,
  setServices,
  settleLeft,
  type Entering,
} from "./transitions.ts";

/** A service as it was before any add-in that holds it. */
function toListed(service: ListedService, holders: readonly Holder[]): JournalService {
  const { name, state, startType, delayedStart, isDependent } = service;
  const held = holderOf(name, holders)?.service;
  const isAtRest = isStopped(service) && (held === undefined || held.staysStopped === true);
  // Another add-in has made it manual, perhaps without having stopped it yet.
  const before = held !== undefined && startType === "manual" ? held : undefined;
  return {
    name,
    stateBefore: state,
    startTypeBefore: before?.startTypeBefore ?? startType,
    delayedStartBefore: before?.delayedStartBefore ?? delayedStart,
    isDependent,
    // One that another add-in keeps stopped may be passed to this session at any time from now.
    phase: isStopped(service) && held !== undefined ? "stopping" : "listed",
    ...(isAtRest && { staysStopped: true }),
  };
}

/** A service that another add-in keeps stopped: whoever ends last starts it. */
function isHeldStopped({ name }: ListedService, holders: readonly Holder[]): boolean {
  return holderOf(name, holders)?.service !== undefined;
}

/** A service that is owed no longer, and that another add-in starts when it ends. */
function isHeldAgain({ name, phase }: JournalService, holders: readonly Holder[]): boolean {
  const isSettled = phase === "passed" || phase === "started";
  return isSettled && holderOf(name, holders)?.service !== undefined;
}

function isStopped({ state }: ListedService): boolean {
  return state === "STOPPED";
}

/** A service that does not run now, and that Windows would start on half-restored files. */
function isStartedAtBoot({ startType }: ListedService, settings: SessionSettings): boolean {
  return startType === "automatic" && settings.onAbandonedRestore === "keepStopped";
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
  const services = listed
    .filter(
      (one) => !isStopped(one) || isHeldStopped(one, holders) || isStartedAtBoot(one, settings),
    )
    .map((one) => toListed(one, holders));
  const sessionId = lateCrypto().randomUUID();
  const journal = store.begin(
    { type: "opened", version: JOURNAL_VERSION, sessionId, clsid, server, settings },
    services,
  );
  const names = services.filter((one) => !one.staysStopped).map(({ name }) => name);
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
  return control.running(namesInRestore(session, settings.services));
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
  return again.length > 0 || session.phase !== "open";
}

/**
 * Takes over a session that another process has opened, and in which nothing has stopped yet: it may
 * have ended before its mark was on the disk, and services may have been disabled since.
 */
export async function takeOverOpened(
  options: RestoreSessionOptions,
  journal: OpenJournal,
): Promise<void> {
  const { session } = journal;
  await options.control.refuseUnstartable(await listRunning(options, session));
  journal.mark(owedServices(session));
}

/** Lists services that run again, with what depends on them now, and those that another add-in keeps stopped. */
async function listAgain(
  options: RestoreSessionOptions,
  session: Session,
): Promise<readonly Change[]> {
  const { control, findHolders } = options;
  const running = await listRunning(options, session);
  const holders = findHolders();
  const held = session.services.filter((one) => isHeldAgain(one, holders));
  const atRest = await listResting(control, session, [...running, ...held]);
  if ([...running, ...held, ...atRest].length === 0) return [];
  const listed = await control.list(running.map(({ name }) => name));
  const mustStop = listed.filter((one) => !isStopped(one));
  await control.refuseUnstartable(mustStop);
  const services = listServices(session, [
    ...mustStop.map((one) => toListed(one, holders)),
    ...held,
    ...atRest,
  ]);
  const ran: Change = { type: "ran", services: running.map(({ name }) => name) };
  return [{ type: "services", services }, ran, { type: "phase", phase: "stopping" }];
}

/**
 * Lists services that this session has let go, as another of its services did not start, and that do
 * not run: Windows would start them with the machine.
 */
async function listResting(
  control: ServiceControl,
  { services, settings }: Session,
  others: readonly { readonly name: string }[],
): Promise<readonly JournalService[]> {
  if (settings.onAbandonedRestore !== "keepStopped") return [];
  const known = new Set(others.map(({ name }) => foldName(name)));
  const resting: JournalService[] = [];
  for (const one of services) {
    if (one.phase !== "started" || known.has(foldName(one.name))) continue;
    const startType = await control.startTypeOf(one.name);
    if (startType === "automatic") resting.push({ ...one, staysStopped: true });
  }
  return resting;
}

/**
 * Stops what the session lists; all of it is owed before the first service is asked to stop. One that
 * somebody else has stopped since it was listed is not the kit's to start again.
 */
export async function stopServices(
  options: Pick<RestoreSessionOptions, "control" | "emit" | "findHolders">,
  journal: OpenJournal,
  signal: AbortSignal,
): Promise<void> {
  const { control, emit } = options;
  const { session } = journal;
  const { settings } = session;
  const services: JournalService[] = [];
  for (const one of session.services) {
    if (one.phase === "listed" || one.phase === "stopping")
      services.push(await asItIs(control, one));
  }
  // One that somebody else was stopping is waited for, and not the kit's to start again.
  const owed = services.filter(({ stateBefore }) => stateBefore !== "STOP_PENDING");
  journal.write([setServices(owed, "stopping"), { type: "phase", phase: "stopping" }]);
  // After the journal: another add-in passes on only what is owed here, and so is started here.
  journal.mark(owedServices(session));
  const isHeld = settings.onAbandonedRestore === "keepStopped";
  const others: JournalService[] = [];
  for (const service of services) {
    if (owed.includes(service) && (await isNotOurs(options, service))) {
      others.push(service);
      // Windows would start it with the machine all the same.
      if (isHeld) await holdStartType(control, service);
      continue;
    }
    if (isHeld && owed.includes(service)) await holdStartType(control, service);
    if (service.staysStopped) continue;
    await control.stop(service.name, { timeoutMs: settings.serviceTimeoutMs, signal });
  }
  journal.write([
    ...others.map((one) => letBe(one, isHeld)),
    ...settleLeft(session),
    { type: "phase", phase: "open" },
  ]);
  if (others.length > 0) journal.mark(owedServices(session));
  for (const { name } of others)
    emit({ event: "serviceNotRunning", service: name, state: "STOPPED" });
}

/**
 * A service that was at rest, or that somebody was stopping, and that somebody has started since, is
 * stopped and owed its start.
 */
async function asItIs(control: ServiceControl, service: JournalService): Promise<JournalService> {
  const { staysStopped, ...others } = service;
  if (staysStopped === undefined && service.stateBefore !== "STOP_PENDING") return service;
  const state = (await control.stateOf(service.name)) ?? "STOPPED";
  return state === "STOPPED" ? service : { ...others, stateBefore: state };
}

/** Notes a service that somebody else has stopped: at most its start type is owed. */
function letBe(service: JournalService, isHeld: boolean): Change {
  if (!isHeld || service.startTypeBefore !== "automatic")
    return setServices([service], "untouched");
  return setServices([{ ...service, staysStopped: true }], "stopping");
}

/** Tells whether somebody else has stopped or deleted a service before it was asked to stop. */
async function isNotOurs(
  { control, findHolders }: Pick<RestoreSessionOptions, "control" | "findHolders">,
  { name, phase, staysStopped }: JournalService,
): Promise<boolean> {
  if (staysStopped) return false;
  // Another process of this session may have asked it, or another add-in, which passes it on.
  if (phase !== "listed" || holderOf(name, findHolders()) !== undefined) return false;
  return ((await control.stateOf(name)) ?? "STOPPED") === "STOPPED";
}
