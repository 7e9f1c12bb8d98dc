import type { Process } from "../machine/processes.ts";

/** A freeze of the application, as it really is. */
interface Frozen {
  readonly by: Process;
  /** The latest time at which it must be thawed. */
  dueMs: number;
}

/** The application, which somebody freezes and thaws. */
export class Application {
  frozen: Frozen | undefined;
  /** Whether a freeze was asked for in this boot. */
  wasAsked = false;
  /** Counts the thaws, also of what was not frozen. */
  thaws = 0;

  freeze(by: Process, dueMs: number): void {
    this.frozen = { by, dueMs };
  }

  thaw(): void {
    this.frozen = undefined;
    this.thaws += 1;
  }

  /** Starts with the machine. */
  boot(): void {
    this.frozen = undefined;
    this.wasAsked = false;
  }
}
