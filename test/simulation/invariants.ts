/** What must always hold, each with its sentence of the design. */
import type { Asker } from "./machine/services.ts";
import { Process } from "./machine/processes.ts";
import type { CallRecord, FilesRecord, Truth } from "./machine/truth.ts";
import type { World } from "./world.ts";

export interface Violation {
  readonly invariant: string;
  readonly text: string;
}

export type Check = Violation | undefined;

export function broken(invariant: string, text: string): Violation {
  return { invariant, text };
}

function isKit(by: Asker): by is Process {
  return by instanceof Process && by.isKit;
}

/** Tells whether a start of the services of these files is what somebody chose. */
function isChosen(world: World, one: FilesRecord, by: Asker): boolean {
  if (one.isChosen) return true;
  const isToStart = world.schedule.addins[one.addin]?.onAbandonedRestore === "startServices";
  // Where services are to start, their start types stay as they are.
  return isToStart && (one.state === "half" || !one.isKnown || by === "boot");
}

/** Whether another client finishes the same component just now: that settles what was given up. */
function isSettledBy({ truth }: World, one: FilesRecord): boolean {
  const isSame = ({ component, state }: FilesRecord): boolean =>
    component === one.component && state === "finishing";
  return one.state === "half" && truth.filesOf(one.addin).some(isSame);
}

/** Never started on half-restored files, by us or by Windows at boot, unless somebody chose that. */
export function noStartOnHalfRestoredFiles(world: World, name: string, by: Asker): Check {
  if (!isKit(by) && by !== "boot") return undefined;
  for (const one of world.truth.files.values()) {
    if (one.state === "finishing" || !one.services.has(name) || isChosen(world, one, by)) continue;
    if (isSettledBy(world, one)) continue;
    const who = by instanceof Process ? by.name : "Windows";
    return broken(
      "no start on half-restored files",
      `${who} starts ${name}, and component ${one.component} of add-in ${one.addin} is ${one.state}`,
    );
  }
  return undefined;
}

/** A full disk refuses before anything is stopped. */
export function noStopOnAFullDisk({ truth }: World, name: string, by: Asker): Check {
  if (!truth.isFullFromStart || !isKit(by)) return undefined;
  return broken("nothing stops on a full disk", `${by.name} stops ${name}`);
}

/** What is stopped can be started again. */
export function onlyStartableStops({ truth, services }: World, name: string, by: Asker): Check {
  if (!isKit(by)) return undefined;
  const disabledMs = truth.disabledMs.get(name);
  const began = [...truth.calls].filter(({ server }) => server === by).map((one) => one.beganMs);
  if (disabledMs === undefined || disabledMs >= Math.min(...began)) return undefined;
  // Between a look at a start type and its change, somebody else's may be lost: Windows has no other way.
  if (services.startSetting(name)?.startType !== "disabled") return undefined;
  return broken("only what can start again stops", `${by.name} stops ${name}, which is disabled`);
}

/** PreRestore never says S_OK over a service that runs at its last look. */
export function stoppedAtPreRestore(world: World, call: CallRecord): Check {
  for (const name of world.namedServicesOf(call.addin)) {
    const state = world.services.state(name) ?? "STOPPED";
    const look = call.looks.get(name);
    if (state === "STOPPED" || look === "STOPPED" || look === "missing") continue;
    return broken(
      "PreRestore over no running service",
      `PreRestore of add-in ${call.addin} says S_OK, and ${name} is ${state}`,
    );
  }
  return undefined;
}

/** PostRestore never says S_OK when a service ran while its component was restored. */
export function undisturbedAtPostRestore(world: World, one: FilesRecord): Check {
  if (one.ran === undefined || one.isChosen) return undefined;
  // A client that Windows does not tell may count as ended; that its services start then was chosen.
  const plan = world.schedule.addins[one.addin];
  if (!one.isKnown && plan?.onAbandonedRestore === "startServices") return undefined;
  return broken(
    "PostRestore only of undisturbed files",
    `PostRestore of add-in ${one.addin} says S_OK, and ${one.ran} ran meanwhile`,
  );
}

/** PostRestore never says S_OK while a service is down that it owed and nobody else holds. */
export function startedAtPostRestore(world: World, addin: number): Check {
  const { truth, services, scheduler } = world;
  const isAwaited = truth.filesOf(addin).length > 0;
  if (isAwaited || truth.isBusy(addin) || truth.isUnsure(addin)) return undefined;
  // The server looked before that: the guardian sees it within a second.
  if (scheduler.now() - (truth.clientEndedMs.get(addin) ?? -SEEN_MS) < SEEN_MS) return undefined;
  for (const [name, who] of truth.owed) {
    const state = services.state(name);
    if (who !== addin || state === undefined || state === "RUNNING") continue;
    if (truth.byHand.has(name)) continue;
    if (world.isHeldByOther(name, addin)) continue;
    return broken(
      "PostRestore with services that run",
      `PostRestore of add-in ${addin} says S_OK, and ${name} is ${state}`,
    );
  }
  return undefined;
}

/** A call always gets an answer while its process lives. */
export function everyCallIsAnswered({ truth }: World): Check {
  for (const { addin, server, isAnswered } of truth.calls) {
    if (isAnswered || server.state !== "runs") continue;
    return broken("every call is answered", `a call to add-in ${addin} (${server.name}) hangs`);
  }
  return undefined;
}

const SEEN_MS = 1000;

const MAX_EFFECTS = 60_000;

/** A machine on which nothing happens any more comes to rest. */
export function comesToRest({ effects }: { readonly effects: number }): Check {
  if (effects < MAX_EFFECTS) return undefined;
  return broken("the machine comes to rest", `${effects} effects`);
}

/** Whoever decides can end a session: nothing that hangs or is gone keeps it open. */
export function everySessionCanBeEnded(world: World, addin: number, outcome: string): Check {
  const rule = "every session can be ended";
  if (outcome === "recovered" || outcome === "no session") return undefined;
  if (outcome !== "services stopped") return broken(rule, `add-in ${addin}: recover ${outcome}`);
  const gone = world.openServices(addin).filter((name) => world.services.state(name) === undefined);
  if (gone.length === 0) return undefined;
  return broken(rule, `add-in ${addin} still owes ${gone.join(", ")}, which no longer exists`);
}

function eventNames(truth: Truth): ReadonlySet<string> {
  const named = truth.events.flatMap(({ event }): readonly string[] => {
    if (event.event === "serviceLeftStopped") return [event.service];
    if (event.event === "serviceFailed") return [event.service];
    if (event.event === "sessionClosed") return event.leftStopped;
    if (event.event === "restoreAbandoned") return event.services;
    return event.event === "journalDamaged" ? event.services : [];
  });
  return new Set(named);
}

/** A service the kit stopped is started again, or its name is on record. */
export function nothingStaysStoppedInSilence(world: World): Check {
  const { truth, services } = world;
  const recorded = new Set([
    ...eventNames(truth),
    ...world.openServices(0),
    ...world.openServices(1),
  ]);
  for (const name of truth.owed.keys()) {
    const state = services.state(name);
    if (state === undefined || state === "RUNNING" || recorded.has(name)) continue;
    if (truth.byHand.has(name)) continue;
    return broken("nothing stays stopped in silence", `${name} is ${state} at the end`);
  }
  return undefined;
}

/** Start types are put back, or on record. */
export function startTypesArePutBack(world: World): Check {
  const { truth, services, schedule } = world;
  const recorded = new Set([
    ...eventNames(truth),
    ...world.openServices(0),
    ...world.openServices(1),
  ]);
  for (const { name, startType } of schedule.services) {
    const now = services.startSetting(name)?.startType;
    if (now === undefined || now === startType || recorded.has(name)) continue;
    if (truth.byHand.has(name)) continue;
    return broken("start types are put back", `${name} is ${now} at the end, not ${startType}`);
  }
  return undefined;
}
