import { vi } from "vitest";

import type { Violation } from "./invariants.ts";
import { Scheduler } from "./machine/scheduler.ts";

const EPOCH_MS = Date.UTC(2030, 0, 1);

/** A machine in virtual time, until something is wrong with it. */
export class TimedWorld {
  readonly scheduler = new Scheduler();
  readonly note: (line: string) => void;
  violation: Violation | undefined;

  /** @param note Receives each line of the trace. */
  constructor(note: (line: string) => void) {
    this.note = (line) => note(`${this.scheduler.now()} ms: ${line}`);
  }

  check(violation: Violation | undefined): void {
    this.violation ??= violation;
    if (violation !== undefined) this.note(`WRONG (${violation.invariant}): ${violation.text}`);
  }

  /** Runs everything that is due, until a check fails or nothing happens any more. */
  async run(limitMs: number): Promise<void> {
    vi.setSystemTime(EPOCH_MS + this.scheduler.now());
    while (this.violation === undefined && this.scheduler.now() < limitMs) {
      this.beforeStep();
      if (!(await this.scheduler.step())) return;
      vi.setSystemTime(EPOCH_MS + this.scheduler.now());
    }
  }

  protected beforeStep(): void {}
}
