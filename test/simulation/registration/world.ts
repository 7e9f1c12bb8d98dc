import { dirname } from "node:path";

import { kitFolder } from "../../../src/base/program-data.ts";
import { Random } from "../../fuzz/random.ts";
import { comesToRest } from "../invariants.ts";
import { MachineDisk } from "../machine/disk.ts";
import { MachineExpressWriters } from "../machine/express-writers.ts";
import { FileLocks } from "../machine/file-locks.ts";
import { MachineFolders } from "../machine/folders.ts";
import { Processes, type EffectKind, type FaultKind, type Process } from "../machine/processes.ts";
import { MachineWriterServices } from "../machine/writer-services.ts";
import { MachineRegistry } from "../machine/registry.ts";
import { MachineTasks } from "../machine/tasks.ts";
import { TimedWorld } from "../timed-world.ts";
import {
  isOfThisWriter,
  isOurDocument,
  isOurService,
  looksOnly,
  obeysNothingPlanted,
} from "./invariants.ts";
import { registerAs010 } from "./release-0-1-0.ts";
import type { RegistrationSchedule } from "./schedule.ts";
import type { RegistrationSwitch } from "./switches.ts";
import { NOT_REGISTERED, Truth } from "./truth.ts";
import { WRITER_ID } from "../../helpers/manifest.ts";
import { foreignDocument, initialRegistry, type InitialRegistry } from "./variants.ts";

export interface RegistrationWorldOptions {
  readonly schedule: RegistrationSchedule;
  readonly fault: RegistrationSwitch;
  readonly onEffect: (effect: EffectKind, fault: FaultKind | undefined) => void;
  readonly note: (line: string) => void;
}

/** The machine on which somebody registers, who else is there, and what really is. */
export class RegistrationWorld extends TimedWorld {
  readonly schedule: RegistrationSchedule;
  readonly fault: RegistrationSwitch;
  readonly random: Random;
  readonly initial: InitialRegistry;
  readonly truth: Truth;
  readonly processes: Processes;
  readonly disk: MachineDisk;
  readonly locks: FileLocks;
  readonly folders: MachineFolders;
  readonly registry: MachineRegistry;
  readonly tasks: MachineTasks;
  readonly writers: MachineExpressWriters;
  readonly services: MachineWriterServices;
  /** The commands that have not told their end. */
  readonly running = new Set<Process>();
  /** The commands that may replace what another program has registered. */
  readonly forced = new Set<Process>();
  /** Checks what holds while no command runs. */
  onQuiet: () => void = () => {};
  readonly #isRegistered: boolean;

  constructor({ schedule, fault, onEffect, note }: RegistrationWorldOptions) {
    super(note);
    this.schedule = schedule;
    this.fault = fault;
    this.random = new Random(schedule.seed, 1);
    this.initial = initialRegistry(schedule.beginning);
    this.#isRegistered = schedule.beginning === "registered by release 0.1.0";
    const first = { variant: 0, hasTask: true };
    this.truth = new Truth(this.initial, this.#isRegistered ? first : NOT_REGISTERED);
    const { scheduler, random } = this;
    const processes = new Processes({
      scheduler,
      random,
      faults: schedule.faults,
      note: this.note,
      onPowerCut: () => this.powerCut(),
      onEffect: (effect, hit, by) => {
        onEffect(effect, hit);
        this.check(looksOnly(by, effect));
      },
      onEnd: (process) => {
        this.truth.dies(process);
        // After what ends at the same time.
        this.scheduler.after(0, () => this.checkWhenQuiet());
      },
    });
    this.processes = processes;
    this.disk = new MachineDisk(processes, random);
    const { disk } = this;
    this.locks = new FileLocks({ scheduler, processes, random, disk });
    const { locks } = this;
    this.folders = new MachineFolders({ processes, disk, locks, root: dirname(kitFolder()) });
    this.registry = new MachineRegistry(processes, random);
    this.tasks = new MachineTasks(processes);
    this.writers = new MachineExpressWriters(processes);
    this.services = new MachineWriterServices(processes);
    this.#prepare();
  }

  /** Checks a machine on which no command is in the middle of something. */
  checkWhenQuiet(): void {
    const isBusy = [...this.running].some(({ state }) => state === "runs");
    if (!isBusy && this.violation === undefined) this.onQuiet();
  }

  powerCut(): void {
    this.note("the power fails");
    this.processes.endAll("dies by the power cut");
    this.folders.isHeld = false;
    this.disk.powerCut();
    this.registry.powerCut();
    this.services.boot();
  }

  protected override beforeStep(): void {
    this.check(comesToRest(this.processes));
  }

  #prepare(): void {
    const { registry, tasks, writers, services } = this;
    for (const key of this.initial.keys) registry.createKey(key);
    for (const { key, name, value } of this.initial.values) {
      if (value !== null) registry.write(key, name, value);
    }
    if (this.#isRegistered) {
      registerAs010(this);
      // Release 0.1.0 knew no declared writers.
      this.truth.isWriterChanged = true;
    }
    if (this.schedule.beginning === "with an express writer of another program") {
      writers.documents.set(WRITER_ID, foreignDocument);
    }
    writers.onRemove = (by, document) => {
      if (!this.forced.has(by)) this.check(isOurDocument(document));
    };
    services.onRemove = (document) => this.check(isOurService(document));
    registry.flush();
    registry.onChange = (by, change) => {
      if (by.isObserver) return;
      this.check(isOfThisWriter(change));
      this.check(obeysNothingPlanted(change.data ?? new Uint8Array()));
    };
    tasks.onCreate = (xml) => this.check(obeysNothingPlanted(Buffer.from(xml, "utf16le")));
  }
}
