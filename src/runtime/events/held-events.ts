import type { AddinEvent } from "./definitions.ts";
import type { Emit } from "./emit.ts";

// A handler that logs in a loop must not fill the memory.
const MAX_EVENTS = 1000;

interface HeldEvent {
  readonly event: AddinEvent;
  readonly at: Date;
}

/** Keeps events in memory while nothing may be written, and then emits them with their own times. */
export class HeldEvents {
  readonly #emit: Emit;
  #held: HeldEvent[] | undefined;
  #dropped = 0;

  /** @param emit Receives the events that are not held, and those that were. */
  constructor(emit: Emit) {
    this.#emit = emit;
  }

  readonly emit: Emit = (event) => {
    if (this.#held === undefined) this.#emit(event);
    else if (this.#held.length >= MAX_EVENTS) this.#dropped += 1;
    else this.#held.push({ event, at: new Date() });
  };

  /** Holds the events until {@link release}. Idempotent. */
  hold(): void {
    this.#held ??= [];
  }

  /** Emits what was held. Idempotent. */
  release(): void {
    const held = this.#held ?? [];
    const dropped = this.#dropped;
    this.#held = undefined;
    this.#dropped = 0;
    for (const { event, at } of held) this.#emit(event, at);
    if (dropped === 0) return;
    const text = `${dropped} more events were dropped: the first ${MAX_EVENTS} were kept while the application was frozen.`;
    this.#emit({ event: "message", level: "warn", text });
  }
}
