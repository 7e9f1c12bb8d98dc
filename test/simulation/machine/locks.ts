import { WsbError } from "../../../src/base/errors.ts";
import type { HeldLock } from "../../../src/runtime/native/binding.ts";
import type { SessionLock } from "../../../src/runtime/restore/session-lock.ts";
import type { Random } from "../../fuzz/random.ts";
import type { Process, Processes } from "./processes.ts";
import type { Scheduler } from "./scheduler.ts";

interface Waiter {
  readonly process: Process;
  readonly give: () => void;
}

interface LockOptions {
  readonly mayEndOwner: boolean;
}

const SILENCE_LIMIT_MS = 30_000;
const WAIT_MS = 30 * 60_000;

/**
 * The lock of whoever stops or starts services, and the places of guardians. They behave as
 * `session-lock.ts` and `owned-lock.ts` do, whose own tests are in the lab.
 */
export class Locks {
  readonly #scheduler: Scheduler;
  readonly #processes: Processes;
  readonly #random: Random;
  #owner: Process | undefined;
  #waiters: Waiter[] = [];
  readonly #places = new Map<number, Process>();

  constructor(scheduler: Scheduler, processes: Processes, random: Random) {
    this.#scheduler = scheduler;
    this.#processes = processes;
    this.#random = random;
  }

  hasGuardian(addin: number): boolean {
    return this.#places.has(addin);
  }

  /** The guardian that watches an add-in, if one does and can. */
  guardianOf(addin: number): Process | undefined {
    const guardian = this.#places.get(addin);
    return guardian?.state === "runs" ? guardian : undefined;
  }

  takePlace(process: Process, addin: number): Promise<HeldLock | null> {
    return this.#processes.later(process, "lock.place", "", (fault) => {
      if (fault === "error") throw new WsbError("ERR_WSB_WINDOWS_API", "Cannot take the place.");
      if (this.#places.has(addin)) return null;
      this.#places.set(addin, process);
      const release = (): void => {
        if (this.#places.get(addin) === process) this.#places.delete(addin);
      };
      process.exits.push(release);
      return { release: () => process.state === "runs" && release() };
    });
  }

  of(process: Process, options: LockOptions): SessionLock {
    process.exits.push(() => {
      this.#waiters = this.#waiters.filter((one) => one.process !== process);
      if (this.#owner === process) this.#pass();
    });
    return async (work, signal) => {
      await this.#take(process, options, signal);
      try {
        signal?.throwIfAborted();
        return await work();
      } finally {
        if (process.state === "runs") this.#pass();
      }
    };
  }

  #take(process: Process, options: LockOptions, signal: AbortSignal | undefined): Promise<void> {
    return this.#processes.later(process, "lock.take", "", (fault) => {
      signal?.throwIfAborted();
      if (fault === "error") throw new WsbError("ERR_WSB_WINDOWS_API", "Cannot take the lock.");
      if (this.#owner === undefined) {
        this.#owner = process;
        return undefined;
      }
      return this.#wait(process, options, signal);
    });
  }

  #wait(process: Process, { mayEndOwner }: LockOptions, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        cancelLimit();
        cancelLook?.();
        signal?.removeEventListener("abort", abort);
        this.#waiters = this.#waiters.filter((one) => one !== waiter);
      };
      const fail = (error: unknown): void => {
        leave();
        if (process.state === "runs") reject(error);
      };
      const abort = (): void => fail(signal?.reason);
      const look = (): void => {
        if (this.#owner?.state === "hangs") {
          this.#processes.end(this.#owner, `is ended by ${process.name}`);
        }
        cancelLook = this.#scheduler.after(SILENCE_LIMIT_MS, look);
      };
      const waiter = {
        process,
        give: () => {
          leave();
          resolve();
        },
      };
      let cancelLook: (() => void) | undefined;
      const cancelLimit = this.#scheduler.after(WAIT_MS, () =>
        fail(new WsbError("ERR_WSB_TIMEOUT", "The services could not be taken over.")),
      );
      if (mayEndOwner) cancelLook = this.#scheduler.after(SILENCE_LIMIT_MS, look);
      process.exits.push(leave);
      signal?.addEventListener("abort", abort, { once: true });
      this.#waiters.push(waiter);
    });
  }

  #pass(): void {
    this.#owner = undefined;
    const able = this.#waiters.filter(({ process }) => process.state === "runs");
    if (able.length === 0) return;
    const { process, give } = this.#random.pick(able);
    this.#owner = process;
    give();
  }
}
