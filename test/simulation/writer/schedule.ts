import { BACKUP_EVENTS, type BackupEvent } from "../../../src/base/handler-name.ts";
import { Random } from "../../fuzz/random.ts";
import { randomFault, writerEffects, type PlannedFault } from "../machine/processes.ts";

/** What the handler `freeze` does. */
export interface FreezePlan {
  readonly kind:
    | "works"
    | "fails"
    /** It never ends, and does nothing. */
    | "hangs"
    /** It ignores its signal, and freezes at last. */
    | "ends late"
    /** It blocks the event loop, and freezes then. */
    | "blocks";
  readonly takesMs: number;
}

export interface BackupPlan {
  readonly startMs: number;
  readonly freeze: FreezePlan;
  /** From the freeze to the thaw. */
  readonly copyMs: number;
  /** The requester dies before this step. */
  readonly dies?: BackupEvent;
  /** Whether VSS notices that at once; otherwise only its own limit ends the backup. */
  readonly isDeathSeen: boolean;
}

/** What somebody does. */
export type DeedKind =
  | "end service"
  | "end guardian"
  | "end both"
  | "stop service"
  | "restart machine"
  | "cut power"
  | "turn off"
  | "turn on"
  | "fill disk"
  | "free disk"
  | "delete journal"
  | "damage journal"
  | "bring back journal";

const deedKinds: readonly DeedKind[] = [
  "end service",
  "end guardian",
  "end both",
  "stop service",
  "restart machine",
  "cut power",
  "turn off",
  "turn on",
  "fill disk",
  "free disk",
  "delete journal",
  "damage journal",
  "bring back journal",
];

export interface Deed {
  readonly atMs: number;
  readonly kind: DeedKind;
}

/** All that a run depends on, besides the order of what happens at the same time. */
export interface WriterSchedule {
  readonly seed: number;
  readonly backups: readonly BackupPlan[];
  readonly deeds: readonly Deed[];
  readonly faults: readonly PlannedFault[];
  /** The time after which Windows restarts a service that has died. */
  readonly restartMs: number;
  /** The failed freezes after which the writer leaves; 0 for never. */
  readonly leaveAfter: number;
}

/** Makes up a schedule; the same for the same seed. */
export function scheduleOf(seed: number): WriterSchedule {
  const random = new Random(seed);
  const backups = backupsOf(random);
  return {
    seed,
    backups,
    deeds: Array.from({ length: random.below(3) }, () => deedOf(random, backups)),
    faults: Array.from({ length: random.below(4) }, () => randomFault(random, writerEffects)),
    restartMs: random.once(4) ? 60_000 : 1000 + random.below(4000),
    leaveAfter: random.pick([0, 1, 3]),
  };
}

/** A schedule in which somebody does this besides, about when something is frozen. */
export function withDeed(schedule: WriterSchedule, kind: DeedKind): WriterSchedule {
  const random = new Random(schedule.seed, 3);
  const deed = { kind, atMs: random.pick(schedule.backups).startMs + random.below(2000) };
  return { ...schedule, deeds: [...schedule.deeds, deed] };
}

/** One after the other, except sometimes two at once. */
function backupsOf(random: Random): readonly BackupPlan[] {
  let startMs = 1000;
  return Array.from({ length: 1 + random.below(4) }, () => {
    const backup = backupOf(random, startMs);
    startMs += random.once(4) ? random.below(1500) : 90_000 + random.below(30_000);
    return backup;
  });
}

function backupOf(random: Random, startMs: number): BackupPlan {
  return {
    startMs,
    freeze: freezeOf(random),
    copyMs: random.once(5) ? 5000 + random.below(8000) : random.below(500),
    ...(random.once(3) ? { dies: random.pick(BACKUP_EVENTS) } : {}),
    isDeathSeen: random.once(2),
  };
}

function freezeOf(random: Random): FreezePlan {
  if (!random.once(3)) return { kind: "works", takesMs: random.below(300) };
  const kind = random.pick(["works", "fails", "hangs", "ends late", "blocks"] as const);
  return { kind, takesMs: random.below(20_000) };
}

function deedOf(random: Random, backups: readonly BackupPlan[]): Deed {
  const { startMs } = random.pick(backups);
  return {
    kind: random.pick(deedKinds),
    atMs: startMs + random.below(random.once(2) ? 1500 : 60_000),
  };
}
