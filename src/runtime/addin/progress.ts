const INTERVAL_MS = 10_000;

/** A log of progress that an administrator can read: at most one line every ten seconds. */
export class ProgressLog {
  readonly #write: (text: string) => void;
  #latest: string | undefined;
  #written: string | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  /** Writes the first update at once, then the latest update every ten seconds if it is new. */
  report(update: number | string): void {
    if (this.#ended || Number.isNaN(update)) return;
    this.#latest = typeof update === "number" ? percentage(update) : update;
    if (this.#timer === undefined) this.#writeLatest();
  }

  /** Writes the pending update; later updates are ignored. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#writeLatest();
  }

  #writeLatest(): void {
    this.#timer = undefined;
    if (this.#latest === undefined || this.#latest === this.#written) return;
    this.#written = this.#latest;
    this.#write(this.#latest);
    if (!this.#ended) this.#timer = setTimeout(() => this.#writeLatest(), INTERVAL_MS);
  }
}

function percentage(value: number): string {
  return `${Math.floor(Math.min(100, Math.max(0, value)))} %`;
}
