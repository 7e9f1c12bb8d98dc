import { join, sep } from "node:path";

import type { HeldFile } from "../../../src/runtime/native/binding.ts";
import { NativeError } from "../../helpers/fakes/native-error.ts";
import type { Random } from "../../fuzz/random.ts";
import type { MachineDisk } from "./disk.ts";
import type { Process, Processes } from "./processes.ts";
import type { Scheduler } from "./scheduler.ts";

const IO_DEVICE = 0x8007_045d;

interface Waiter {
  readonly process: Process;
  readonly give: () => void;
}

interface Place {
  owner: Process;
  readonly waiters: Waiter[];
}

export interface FileLocksOptions {
  readonly scheduler: Scheduler;
  readonly processes: Processes;
  readonly random: Random;
  readonly disk: MachineDisk;
}

/** What a process asks for. */
export interface LockRequest {
  readonly file: string;
  readonly record: Uint8Array;
  readonly timeoutMs: number;
}

/** Lock files: one process has each, and its end gives it back. */
export class FileLocks {
  readonly #scheduler: Scheduler;
  readonly #processes: Processes;
  readonly #random: Random;
  readonly #disk: MachineDisk;
  readonly #places = new Map<string, Place>();

  constructor({ scheduler, processes, random, disk }: FileLocksOptions) {
    this.#scheduler = scheduler;
    this.#processes = processes;
    this.#random = random;
    this.#disk = disk;
  }

  /** Whether somebody has a lock file open in a folder, so that Windows does not rename it. */
  isHeldBelow(folder: string): boolean {
    return [...this.#places.keys()].some((file) => file.startsWith(join(folder, sep)));
  }

  isHeld(file: string): boolean {
    return this.#places.has(file);
  }

  lock(process: Process, request: LockRequest): Promise<HeldFile | null> {
    return this.#processes.later<HeldFile | null>(process, "lock.take", "", (fault) => {
      if (fault === "error") throw new NativeError(IO_DEVICE, "CreateFileW");
      const place = this.#places.get(request.file);
      if (place !== undefined) return this.#wait(process, place, request);
      this.#places.set(request.file, { owner: process, waiters: [] });
      return this.#held(process, request);
    });
  }

  #held(process: Process, { file, record }: LockRequest): HeldFile {
    this.#disk.setBytes(file, record);
    const release = (): void => {
      if (this.#places.get(file)?.owner === process) this.#pass(file);
    };
    process.exits.push(release);
    return { write: () => {}, release: () => process.state === "runs" && release() };
  }

  #wait(process: Process, place: Place, request: LockRequest): Promise<HeldFile | null> {
    return new Promise((resolve) => {
      const leave = (): void => {
        cancel();
        const at = place.waiters.indexOf(waiter);
        if (at !== -1) place.waiters.splice(at, 1);
      };
      const waiter: Waiter = {
        process,
        give: () => {
          leave();
          resolve(this.#held(process, request));
        },
      };
      const cancel = this.#scheduler.after(request.timeoutMs, () => {
        leave();
        if (process.state === "runs") resolve(null);
      });
      process.exits.push(leave);
      place.waiters.push(waiter);
    });
  }

  #pass(file: string): void {
    const place = this.#places.get(file);
    const able = place?.waiters.filter(({ process }) => process.state === "runs") ?? [];
    if (place === undefined || able.length === 0) {
      this.#places.delete(file);
      this.#disk.remove(file);
      return;
    }
    const { process, give } = this.#random.pick(able);
    place.owner = process;
    give();
  }
}
