import { Random } from "../../fuzz/random.ts";
import {
  randomFault,
  registrationEffects,
  type EffectKind,
  type PlannedFault,
} from "../machine/processes.ts";
import { beginnings, type Beginning } from "./variants.ts";

export interface CommandPlan {
  readonly command: "register" | "unregister" | "recover" | "status";
  readonly atMs: number;
  /** Of `register`, which of the variants; of `unregister`, whose manifest is at hand. */
  readonly variant: number;
  readonly force: boolean;
  readonly update: boolean;
  readonly repair: boolean;
  /** Of `register`: with the start-up task. */
  readonly bootRecovery: boolean;
}

/** What an administrator or an ordinary user does in between. */
export type DeedKind =
  | "edit value"
  | "delete value"
  | "add value"
  | "delete folder"
  | "damage record"
  | "fill disk"
  | "free disk"
  | "stop scheduler"
  | "start scheduler"
  | "restart machine"
  | "plant folder"
  | "plant folder and hold it"
  | "let go of the folder"
  | "race for the folder"
  | "replace writer"
  | "remove writer"
  | "stop VSS"
  | "start VSS"
  | "replace service"
  | "remove service"
  | "stop service";

export interface Deed {
  readonly kind: DeedKind;
  readonly atMs: number;
  /** Which of several things it concerns. */
  readonly number: number;
}

/** All that a run depends on, besides the order of what happens at the same time. */
export interface RegistrationSchedule {
  readonly seed: number;
  readonly beginning: Beginning;
  readonly commands: readonly CommandPlan[];
  readonly deeds: readonly Deed[];
  readonly faults: readonly PlannedFault[];
}

const deedKinds: readonly DeedKind[] = [
  "edit value",
  "edit value",
  "delete value",
  "add value",
  "delete folder",
  "damage record",
  "fill disk",
  "free disk",
  "stop scheduler",
  "start scheduler",
  "restart machine",
  "plant folder",
  "plant folder and hold it",
  "let go of the folder",
  "race for the folder",
  "replace writer",
  "remove writer",
  "stop VSS",
  "start VSS",
  "replace service",
  "remove service",
  "stop service",
];

const PAUSE_MS = 1500;

function commandOf(random: Random, earlier: readonly CommandPlan[]): CommandPlan {
  const last = earlier.at(-1);
  // Two at once are more interesting than one after the other.
  const pauseMs = random.once(3) ? random.below(60) : random.below(PAUSE_MS);
  const others = ["register", "register", "unregister", "unregister", "recover", "status"] as const;
  return {
    // What is not registered first is hardly worth another command.
    command: last === undefined && !random.once(4) ? "register" : random.pick(others),
    atMs: (last?.atMs ?? 0) + pauseMs,
    variant: random.pick([0, 0, 0, 1, 2, 3, 3]),
    force: !random.once(3),
    update: !random.once(3),
    repair: random.once(2),
    bootRecovery: !random.once(4),
  };
}

/** How often the commands of a schedule do what they seldom do; everything else, far more often. */
const usual: Partial<Record<EffectKind, number>> = {
  "disk.identity": 8,
  "disk.remove": 12,
  "disk.replace": 4,
  "disk.sync": 12,
  "disk.write": 16,
  "protected.folder": 16,
  "protected.moveAside": 1,
  "registry.create": 16,
  "registry.delete": 12,
  "registry.deleteValue": 24,
  "registry.flush": 8,
  "registry.write": 32,
  "lock.take": 4,
  "task.create": 2,
  "task.read": 6,
  "task.remove": 2,
  "vss.read": 12,
  "vss.register": 2,
  "vss.unregister": 2,
  "writerService.read": 12,
  "writerService.install": 2,
  "writerService.start": 2,
  "writerService.stop": 2,
  "writerService.delete": 2,
  "com.activate": 2,
};

const OFTEN = 128;

function faultOf(random: Random): PlannedFault {
  const fault = randomFault(random, registrationEffects);
  return { ...fault, nth: random.below(usual[fault.effect] ?? OFTEN) };
}

function deedOf(random: Random, commands: readonly CommandPlan[]): Deed {
  const { atMs } = random.pick(commands);
  return {
    kind: random.pick(deedKinds),
    atMs: Math.max(0, atMs - 200 + random.below(800)),
    number: random.below(1000),
  };
}

/** Makes up a schedule; the same for the same seed. */
export function scheduleOf(seed: number): RegistrationSchedule {
  const random = new Random(seed);
  const beginning = random.pick(beginnings);
  const commands: CommandPlan[] = [];
  for (let left = 2 + random.below(4); left > 0; left -= 1) {
    commands.push(commandOf(random, commands));
  }
  const planted: Deed = { kind: "plant folder", atMs: 0, number: random.below(1000) };
  return {
    seed,
    beginning,
    commands,
    deeds: [
      ...(random.once(5) ? [planted] : []),
      ...Array.from({ length: random.below(4) }, () => deedOf(random, commands)),
    ],
    faults: Array.from({ length: random.below(4) }, () => faultOf(random)),
  };
}

/** A schedule in which somebody does this besides. */
export function withDeed(schedule: RegistrationSchedule, kind: DeedKind): RegistrationSchedule {
  const random = new Random(schedule.seed, 3);
  const deed = { ...deedOf(random, schedule.commands), kind };
  return { ...schedule, deeds: [...schedule.deeds, deed] };
}
