import type { After } from "../addin/call-handler.ts";

// Enough for another thread to wake and to answer its caller.
const MOMENT_MS = 1;

/**
 * Work that waits for a moment, while VSS's thread takes its answer to the backup: what this process
 * asks of the machine just then makes the backup wait.
 */
export class Postponed {
  readonly #after: After;
  #left: { readonly work: () => void; readonly cancel: () => void } | undefined;

  constructor(after: After) {
    this.#after = after;
  }

  /** Does something a moment from now, or at the next {@link now} if that comes before. */
  put(work: () => void): void {
    this.now();
    this.#left = { work, cancel: this.#after(MOMENT_MS, () => this.now()) };
  }

  /** Does what is left, if anything. */
  now(): void {
    const left = this.#left;
    this.#left = undefined;
    left?.cancel();
    left?.work();
  }
}
