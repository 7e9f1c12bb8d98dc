import type { ProcessIdentity } from "../../../src/base/process-identity.ts";
import type { Random } from "../../fuzz/random.ts";
import type { Scheduler } from "./scheduler.ts";

const diskEffects = [
  "disk.open",
  "disk.read",
  "disk.write",
  "disk.sync",
  "disk.replace",
  "disk.remove",
  "disk.identity",
] as const;

const registryEffects = [
  "registry.read",
  "registry.list",
  "registry.create",
  "registry.write",
  "registry.flush",
  "registry.delete",
] as const;

/** What the processes of a restore do that others can see, or that can go wrong. */
export const restoreEffects = [
  ...diskEffects,
  "disk.folder",
  ...registryEffects,
  "service.query",
  "service.describe",
  "service.dependencies",
  "service.change",
  "service.startType",
  "service.watch",
  "lock.take",
  "lock.place",
  "process.isAlive",
  "process.spawn",
] as const;

/** The same of the commands that register, unregister, repair and look. */
export const registrationEffects = [
  ...diskEffects,
  "protected.inspect",
  "protected.read",
  "protected.folder",
  "protected.moveAside",
  "registry.has",
  ...registryEffects,
  "registry.deleteValue",
  "lock.take",
  "task.read",
  "task.create",
  "task.remove",
  "vss.read",
  "vss.register",
  "vss.unregister",
  "writerService.read",
  "writerService.install",
  "writerService.start",
  "writerService.stop",
  "writerService.delete",
  "com.activate",
] as const;

/** The same of a writer's service and of its guardian. */
export const writerEffects = [
  ...diskEffects,
  "disk.folder",
  "registry.read",
  "registry.create",
  "registry.write",
  "registry.flush",
  "lock.take",
  "process.spawn",
  "pipe.write",
  "event.write",
  "app.freeze",
  "app.thaw",
  "vss.subscribe",
  "vss.complete",
  "vss.unsubscribe",
] as const;

export type EffectKind =
  | (typeof restoreEffects)[number]
  | (typeof registrationEffects)[number]
  | (typeof writerEffects)[number];

export const faultKinds = ["die", "hang", "error", "short", "powerCut"] as const;

export type FaultKind = (typeof faultKinds)[number];

/** Whether a fault can hit an effect of a kind. */
export function canHit(effect: EffectKind, fault: FaultKind): boolean {
  if (fault === "short") return effect === "disk.write" || effect === "disk.read";
  // A look at a process that fails counts as a process that lives, and a spawn has its own report.
  return true;
}

/** A fault that a schedule plans. */
export interface PlannedFault {
  readonly effect: EffectKind;
  readonly fault: FaultKind;
  /** Which effect of that kind it hits, from 0. */
  readonly nth: number;
  /** Whether what was asked for still happens. */
  readonly isAfter: boolean;
}

/** Makes up a fault. */
export function randomFault(random: Random, effects: readonly EffectKind[]): PlannedFault {
  const effect = random.pick(effects);
  const fault = random.pick(faultKinds.filter((one) => canHit(effect, one)));
  // Early effects of a kind are reached in every run, and late ones in long runs.
  const nth = random.below(2 ** random.below(8));
  return { effect, fault, nth, isAfter: random.once(2) };
}

/** What a process that has died or hangs gets instead of an answer. No code can go on after it. */
export class Stopped extends Error {}

export type Role =
  | "server"
  | "service"
  | "guardian"
  | "boot task"
  | "administrator"
  | "client"
  | "register"
  | "unregister"
  | "recover"
  | "status";

export class Process {
  readonly name: string;
  readonly role: Role;
  /** The add-in that it is of; -1 for none. */
  readonly addin: number;
  readonly identity: ProcessIdentity;
  state: "runs" | "hangs" | "dead" = "runs";
  readonly exits: (() => void)[] = [];
  /** It only looks, for the checks: nothing goes wrong, and nothing is counted. */
  isObserver = false;

  constructor(name: string, role: Role, addin: number, pid: number) {
    this.name = name;
    this.role = role;
    this.addin = addin;
    this.identity = { pid, startedAt: String(pid), image: `C:\\${role}.exe` };
  }

  get isKit(): boolean {
    return this.role !== "client";
  }
}

export interface ProcessesOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: readonly PlannedFault[];
  readonly note: (line: string) => void;
  readonly onPowerCut: () => void;
  readonly onEffect: (effect: EffectKind, fault: FaultKind | undefined, by: Process) => void;
  readonly onEnd?: (process: Process) => void;
}

/** How an effect goes. */
export interface Meeting {
  readonly fault: FaultKind | undefined;
  readonly isAfter: boolean;
}

const LATENCY_MS = 12;

/** The processes of the machine; each of their effects goes through here. */
export class Processes {
  readonly #options: ProcessesOptions;
  readonly #all: Process[] = [];
  readonly #counts = new Map<EffectKind, number>();
  #pid = 100;
  effects = 0;
  /** No planned fault happens any more. */
  isCalm = false;

  constructor(options: ProcessesOptions) {
    this.#options = options;
  }

  start(role: Role, addin: number): Process {
    this.#pid += 4;
    const letter = addin < 0 ? "" : ` ${"AB"[addin]}`;
    const process = new Process(`${role}${letter} ${this.#pid}`, role, addin, this.#pid);
    this.#all.push(process);
    return process;
  }

  get running(): readonly Process[] {
    return this.#all.filter(({ state }) => state !== "dead");
  }

  isAlive({ pid }: ProcessIdentity): boolean {
    return this.running.some(({ identity }) => identity.pid === pid);
  }

  end(process: Process, why: string): void {
    if (process.state === "dead") return;
    process.state = "dead";
    this.#options.note(`${process.name} ${why}`);
    for (const exit of process.exits) exit();
    this.#options.onEnd?.(process);
  }

  endAll(why: string): void {
    for (const process of this.running) this.end(process, why);
  }

  /** An effect that blocks its process. */
  now<T>(
    process: Process,
    effect: EffectKind,
    what: string,
    perform: (fault: FaultKind | undefined, isAfter: boolean) => T,
  ): T {
    if (process.isObserver) return perform(undefined, false);
    if (process.state !== "runs") throw new Stopped();
    const { fault, isAfter } = this.#meet(process, effect, what);
    if (fault === "error" || fault === "short" || fault === undefined) {
      return perform(fault, isAfter);
    }
    // What dies while it writes leaves a part.
    const done = isAfter
      ? perform(effect === "disk.write" ? "short" : undefined, false)
      : undefined;
    // Nobody is told of its end any more.
    if (done instanceof Promise) done.catch(() => {});
    this.#strike(process, fault);
    throw new Stopped();
  }

  /** An effect that its process waits for. */
  later<T>(
    process: Process,
    effect: EffectKind,
    what: string,
    perform: (fault: FaultKind | undefined, isAfter: boolean) => T | Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      if (process.state !== "runs") return;
      const { scheduler, random } = this.#options;
      scheduler.after(1 + random.below(LATENCY_MS), () => {
        if (process.state !== "runs") return;
        try {
          const result = this.now(process, effect, what, perform);
          if (result instanceof Promise) result.then(resolve, reject);
          else resolve(result);
        } catch (error) {
          if (!(error instanceof Stopped)) reject(error);
        }
      });
    });
  }

  #meet(process: Process, effect: EffectKind, what: string): Meeting {
    this.effects += 1;
    const count = this.#counts.get(effect) ?? 0;
    this.#counts.set(effect, count + 1);
    const { faults, note, onEffect } = this.#options;
    const planned = this.isCalm
      ? undefined
      : faults.find((one) => one.effect === effect && one.nth === count);
    onEffect(effect, planned?.fault, process);
    note(`${process.name} ${effect} ${what}${planned ? ` <- ${planned.fault}` : ""}`);
    return { fault: planned?.fault, isAfter: planned?.isAfter ?? false };
  }

  #strike(process: Process, fault: "die" | "hang" | "powerCut"): void {
    if (fault === "die") this.end(process, "dies");
    else if (fault === "powerCut") this.#options.onPowerCut();
    else process.state = "hangs";
  }
}
