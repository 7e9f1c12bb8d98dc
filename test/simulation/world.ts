import { Random } from "../fuzz/random.ts";
import {
  comesToRest,
  noStartOnHalfRestoredFiles,
  noStopOnAFullDisk,
  onlyStartableStops,
} from "./invariants.ts";
import { MachineDisk } from "./machine/disk.ts";
import { Locks } from "./machine/locks.ts";
import { Processes, type EffectKind, type FaultKind } from "./machine/processes.ts";
import { MachineRegistry } from "./machine/registry.ts";
import { MachineServices, type Asker } from "./machine/services.ts";
import { Truth } from "./machine/truth.ts";
import type { AddinPlan, Schedule } from "./schedule.ts";
import type { Switch } from "./switches.ts";
import { TimedWorld } from "./timed-world.ts";

export interface WorldOptions {
  readonly schedule: Schedule;
  readonly fault: Switch;
  readonly onEffect: (effect: EffectKind, fault: FaultKind | undefined) => void;
  /** Receives each line of the trace. */
  readonly note: (line: string) => void;
}

export const CLSIDS = [
  "{AAAAAAAA-0000-4000-8000-000000000001}",
  "{BBBBBBBB-0000-4000-8000-000000000002}",
] as const;

// Clients come when the services run that start by themselves. One that comes before, or while a
// service does not run that Windows will start, restores under that start: a known gap.
const BOOT_LIMIT_MS = 4000;

// The longest schedules take some thousand effects.
const RESTART_EFFECTS = 20_000;

/** The machine, who uses it, and what really is. */
export class World extends TimedWorld {
  readonly schedule: Schedule;
  readonly fault: Switch;
  readonly random: Random;
  readonly truth = new Truth();
  readonly processes: Processes;
  readonly disk: MachineDisk;
  readonly registry: MachineRegistry;
  readonly services: MachineServices;
  readonly locks: Locks;
  /** The manifests as they are now. */
  readonly addins: AddinPlan[];
  /** Called when the machine has started again. */
  onBoot: () => void = () => {};
  /** Names the services that the open session of an add-in owes. */
  openServices: (addin: number) => readonly string[] = () => [];
  #boots = 0;
  #upMs = 0;
  /** Whether it was restarted at last. */
  isRestarted = false;

  constructor({ schedule, fault, onEffect, note }: WorldOptions) {
    super(note);
    this.schedule = schedule;
    this.fault = fault;
    this.random = new Random(schedule.seed, 1);
    this.addins = [...schedule.addins];
    const { scheduler, random } = this;
    this.processes = new Processes({
      scheduler,
      random,
      faults: schedule.faults,
      note: this.note,
      onPowerCut: () => this.powerCut(),
      onEffect: (effect, hit) => {
        onEffect(effect, hit);
        // A failure that could not be noted, and the kit waits for its client's end.
        if (hit === "error") this.truth.unsure.add(0).add(1);
      },
    });
    this.disk = new MachineDisk(this.processes, random);
    this.registry = new MachineRegistry(this.processes, random);
    this.locks = new Locks(scheduler, this.processes, random);
    this.services = new MachineServices(this, schedule.services, {
      onStop: (name, by) => this.#stopped(name, by),
      onStay: (name) => void this.truth.owed.delete(name),
      onStart: (name, by) => this.#started(name, by),
      onLook: (name, by, state) => {
        for (const call of this.truth.calls) {
          if (call.server === by) call.looks.set(name, state ?? "missing");
        }
      },
      note: this.note,
    });
    this.services.isStartTypeFlushed = fault.isStartTypeFlushed;
    for (const { name, startType } of schedule.services) {
      if (startType === "disabled") this.truth.disabledMs.set(name, -1);
    }
  }

  protected override beforeStep(): void {
    this.#restartAtLast();
    this.check(comesToRest(this.processes));
  }

  /**
   * Every machine is restarted at last. Without that, a server that could not record the end of a
   * session, and its guardian, wait for each other.
   */
  #restartAtLast(): void {
    if (this.isRestarted || this.processes.effects < RESTART_EFFECTS) return;
    this.isRestarted = true;
    this.powerCut();
  }

  /** The services that an add-in stops. */
  servicesOf(addin: number): ReadonlySet<string> {
    return this.services.withDependents(this.namedServicesOf(addin));
  }

  /** The services that an add-in's manifest names now. */
  namedServicesOf(addin: number): readonly string[] {
    return this.addins[addin]?.services ?? [];
  }

  /** Whether another add-in restores files of a service, or has stopped it. */
  isHeldByOther(name: string, addin: number): boolean {
    const other = 1 - addin;
    return this.truth.isBusy(other) || this.openServices(other).includes(name);
  }

  /** Waits until the machine has started. */
  async up(): Promise<void> {
    while (this.scheduler.now() < this.#upMs) {
      await this.scheduler.wait(this.#upMs - this.scheduler.now());
    }
  }

  powerCut(): void {
    this.note("the power fails");
    for (const one of this.truth.files.values()) if (one.state !== "finishing") one.state = "half";
    this.processes.endAll("dies by the power cut");
    this.disk.powerCut();
    this.registry.powerCut();
    this.services.powerCut();
    this.#upMs = this.scheduler.now() + BOOT_LIMIT_MS;
    this.#boots += 1;
    const boot = this.#boots;
    this.scheduler.after(500 + this.random.below(3000), () => {
      if (boot === this.#boots) this.onBoot();
    });
  }

  #stopped(name: string, by: Asker): void {
    this.note(`service ${name} stops, by ${typeof by === "string" ? by : by.name}`);
    this.check(noStopOnAFullDisk(this, name, by));
    this.check(onlyStartableStops(this, name, by));
    if (typeof by === "string") return;
    this.truth.owed.set(name, by.addin);
    this.truth.byHand.delete(name);
  }

  #started(name: string, by: Asker): void {
    this.note(`service ${name} starts, by ${typeof by === "string" ? by : by.name}`);
    this.check(noStartOnHalfRestoredFiles(this, name, by));
    this.truth.owed.delete(name);
    for (const one of this.truth.files.values()) {
      const isSeen = this.locks.guardianOf(one.addin) !== undefined;
      if (isSeen && one.state === "restoring" && one.services.has(name)) {
        one.ran = name;
      }
    }
  }
}
