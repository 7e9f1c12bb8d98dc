/** What must always hold of a writer, each with its sentence of the design. */
import { broken, type Check } from "../invariants.ts";
import type { EffectKind, Process } from "../machine/processes.ts";
import type { WriterWorld } from "./world.ts";

const writing: ReadonlySet<EffectKind> = new Set([
  "disk.write",
  "disk.sync",
  "disk.replace",
  "disk.remove",
  "disk.folder",
  "registry.create",
  "registry.write",
  "registry.flush",
  "registry.delete",
  "lock.take",
  "process.spawn",
  "event.write",
] as const);

/** Between freeze and thaw the kit writes nothing to a volume of the set, and starts no process. */
export function nothingWritten(
  { vss, application }: WriterWorld,
  effect: EffectKind,
  by: Process,
): Check {
  const isKit = by.role === "service" || by.role === "guardian";
  const isHeld = vss.held !== undefined && !vss.held.isReleased && application.frozen !== undefined;
  if (!isKit || !isHeld || !writing.has(effect)) return undefined;
  return broken("nothing is written while volumes are held", `${by.name} does ${effect}`);
}

/** An application that was frozen is thawed within ten seconds, whoever dies. */
export function thawedInTime({ scheduler, service }: WriterWorld, dueMs: number): Check {
  if (scheduler.now() <= dueMs) return undefined;
  const text = `the application is frozen at ${scheduler.now()} ms, due ${dueMs} ms, service ${service?.state}`;
  return broken("thawed in time", text);
}

/** It never answers true without a freeze. */
export function frozenWhenItSaysSo({ application }: WriterWorld, set: string): Check {
  if (application.frozen !== undefined) return undefined;
  return broken("true only when frozen", `freeze of ${set} succeeds, and nothing is frozen`);
}

/** A backup succeeds only if its application was frozen all the time. */
export function frozenAllTheTime({ vss, application }: WriterWorld, set: string): Check {
  const rule = "frozen all the time";
  if (vss.held?.set !== set) return broken(rule, `thaw of ${set} succeeds without its freeze`);
  // The event's own thaw is one.
  if (application.thaws <= vss.held.thaws + 1) return undefined;
  return broken(rule, `${set} succeeds, and somebody else thawed the application`);
}

/** A freeze of an earlier boot is not thawed as one of this boot. */
export function earlierBootIsNotThawed(world: WriterWorld, reason: string): Check {
  if (reason !== "start" || world.isUnsure || world.application.wasAsked) return undefined;
  return broken("no thaw of an earlier boot", "a start thaws, and nothing was frozen in this boot");
}

/** Nothing stays frozen for ever. */
export function nothingStaysFrozen({ application }: WriterWorld): Check {
  if (application.frozen === undefined) return undefined;
  return broken("never frozen for ever", "the application is still frozen at the end");
}
