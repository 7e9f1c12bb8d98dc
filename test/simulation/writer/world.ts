import { eventLimits } from "../../../src/runtime/writer/limits.ts";
import { Random } from "../../fuzz/random.ts";
import { MachineDisk } from "../machine/disk.ts";
import { FileLocks } from "../machine/file-locks.ts";
import { Processes, type EffectKind, type FaultKind, type Process } from "../machine/processes.ts";
import { MachineRegistry } from "../machine/registry.ts";
import { TimedWorld } from "../timed-world.ts";
import { Application } from "./application.ts";
import {
  earlierBootIsNotThawed,
  frozenAllTheTime,
  frozenWhenItSaysSo,
  nothingWritten,
  thawedInTime,
} from "./invariants.ts";
import type { WriterSchedule } from "./schedule.ts";
import type { WriterSwitchboard } from "./switches.ts";
import { Vss } from "./vss.ts";

export interface WriterWorldOptions {
  readonly schedule: WriterSchedule;
  readonly fault: WriterSwitchboard;
  readonly onEffect: (effect: EffectKind, fault: FaultKind | undefined) => void;
  readonly note: (line: string) => void;
}

/** The limits of the manifest, small for the slow events and as they are for the others. */
export const TIMEOUTS_MS = {
  prepareBackup: 20_000,
  prepareSnapshot: 20_000,
  freeze: 10_000,
  thaw: 10_000,
  postSnapshot: 20_000,
  abort: 20_000,
  backupComplete: 20_000,
  backupShutdown: 20_000,
} as const;

/** The promise to an application: it is thawed so soon after anybody's death. */
export const THAW_MS = 10_000;

function nothing(): void {}

/** The machine, who uses its writer, and what really is. */
export class WriterWorld extends TimedWorld {
  readonly schedule: WriterSchedule;
  readonly fault: WriterSwitchboard;
  readonly random: Random;
  readonly processes: Processes;
  readonly disk: MachineDisk;
  readonly registry: MachineRegistry;
  readonly locks: FileLocks;
  readonly application = new Application();
  readonly vss: Vss;
  boot = 1;
  /** The one process that is the service. */
  service: Process | undefined;
  /** Guardians that their services rely on: they have their place, and every order reached them. */
  readonly guardians = new Set<Process>();
  /** Whether the kit may not know of what is frozen: its journal was lost, or could not be read. */
  isUnsure = false;
  onServiceEnd: () => void = () => {};
  onBoot: () => void = () => {};
  readonly #blockedUntilMs = new Map<Process, number>();

  constructor({ schedule, fault, onEffect, note }: WriterWorldOptions) {
    super(note);
    this.schedule = schedule;
    this.fault = fault;
    this.random = new Random(schedule.seed, 1);
    const { scheduler, random } = this;
    this.processes = new Processes({
      scheduler,
      random,
      faults: schedule.faults,
      note: this.note,
      onPowerCut: () => this.powerCut(),
      onEffect: (effect, hit, by) => {
        onEffect(effect, hit);
        if (hit !== undefined && effect.startsWith("disk.")) this.isUnsure = true;
        this.check(nothingWritten(this, effect, by));
      },
      onEnd: (process) => {
        if (process === this.service) this.#serviceEnded();
      },
    });
    this.disk = new MachineDisk(this.processes, random);
    this.registry = new MachineRegistry(this.processes, random);
    this.locks = new FileLocks({ scheduler, processes: this.processes, random, disk: this.disk });
    this.vss = new Vss(this, eventLimits(TIMEOUTS_MS));
  }

  /** The event loop of a process does nothing for some time. */
  block(process: Process, durationMs: number): void {
    this.#blockedUntilMs.set(process, this.scheduler.now() + durationMs);
  }

  isAble(process: Process | undefined): process is Process {
    if (process?.state !== "runs") return false;
    return (this.#blockedUntilMs.get(process) ?? 0) <= this.scheduler.now();
  }

  /** Runs something in a process that many milliseconds from now, or when its event loop is free. */
  whenAble(process: Process, delayMs: number, run: () => void): () => void {
    let cancel: () => void = nothing;
    const ring = (): void => {
      if (process.state !== "runs") return;
      const waitMs = (this.#blockedUntilMs.get(process) ?? 0) - this.scheduler.now();
      if (waitMs > 0) cancel = this.scheduler.after(waitMs, ring);
      else run();
    };
    cancel = this.scheduler.after(delayMs, ring);
    return () => cancel();
  }

  powerCut(): void {
    this.note("the power fails");
    this.service = undefined;
    this.processes.endAll("dies by the power cut");
    this.disk.powerCut();
    this.registry.powerCut();
    this.vss.powerCut();
    this.application.boot();
    this.boot += 1;
    const { boot } = this;
    this.scheduler.after(1000 + this.random.below(3000), () => {
      if (boot === this.boot) this.onBoot();
    });
  }

  /** The application is frozen, and its handler began at a time. */
  frozen(by: Process, beganMs: number): void {
    const nowMs = this.scheduler.now();
    const limitMs = Math.max(beganMs + TIMEOUTS_MS.freeze, nowMs);
    this.application.freeze(by, limitMs + THAW_MS);
  }

  /** VSS was told that the application is frozen. */
  onFrozen(set: string): void {
    const { frozen } = this.application;
    this.check(frozenWhenItSaysSo(this, set));
    if (frozen !== undefined) frozen.dueMs = this.scheduler.now() + THAW_MS;
  }

  /** VSS was told that the application was frozen until now. */
  onThawed(set: string): void {
    this.check(frozenAllTheTime(this, set));
  }

  thawed(by: Process, reason: string): void {
    this.check(earlierBootIsNotThawed(this, reason));
    this.note(`${by.name} thaws the application: ${reason}`);
    this.application.thaw();
  }

  /** A try to thaw has failed: the next one follows. */
  thawFailed(): void {
    const { frozen } = this.application;
    if (frozen !== undefined) frozen.dueMs = Math.max(frozen.dueMs, this.scheduler.now() + 5000);
  }

  #serviceEnded(): void {
    const { frozen } = this.application;
    this.service = undefined;
    if (frozen !== undefined && this.guardian !== undefined) {
      frozen.dueMs = Math.min(frozen.dueMs, this.scheduler.now() + THAW_MS);
    }
    this.onServiceEnd();
  }

  /** A guardian that can thaw what its service has frozen. */
  get guardian(): Process | undefined {
    return [...this.guardians].find((one) => this.isAble(one));
  }

  /** Whether anybody is left who could thaw. */
  get canThaw(): boolean {
    return this.isAble(this.service) || this.guardian !== undefined;
  }

  protected override beforeStep(): void {
    const { frozen } = this.application;
    if (frozen === undefined) return;
    const nowMs = this.scheduler.now();
    // Without anybody, the service's next start counts.
    if (!this.canThaw) frozen.dueMs = Number.POSITIVE_INFINITY;
    else if (frozen.dueMs === Number.POSITIVE_INFINITY) frozen.dueMs = nowMs + THAW_MS;
    this.check(thawedInTime(this, frozen.dueMs));
  }
}
