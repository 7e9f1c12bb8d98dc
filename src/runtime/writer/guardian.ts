import type { After } from "../addin/call-handler.ts";
import type { ThawReason } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import type { HeldEvents } from "../events/held-events.ts";
import type { HeldLock } from "../native/binding.ts";
import { VSS_FREEZE_MS } from "../manifest/writer-settings.ts";
import { startThaw, type ThawEnd, type ThawLoopOptions } from "./thaw.ts";
import type { GuardianOrder, GuardianReport } from "./guardian-messages.ts";

/** The service's end of the guardian's input. */
export interface OrderListener {
  onOrder(order: GuardianOrder): void;
  /** The service has ended, or needs no guardian any more. */
  onEnd(): void;
}

export interface FreezeGuardianOptions {
  /** Takes the one place of a writer's guardian; `null` while another has it. */
  readonly takePlace: () => Promise<HeldLock | null>;
  /** Begins to receive the service's orders. */
  readonly listen: (listener: OrderListener) => void;
  readonly report: (report: GuardianReport) => void;
  readonly thaw: Omit<ThawLoopOptions, "emit" | "isEndless" | "pausesMs">;
  /** Everything that this process says. */
  readonly events: HeldEvents;
  readonly after: After;
}

/** What a guardian did before it ended. */
export type FreezeGuardianEnd =
  /** Nothing remains to be thawed. */
  | "done"
  /** Another guardian of the writer did not end. */
  | "no place"
  /** `thaw` failed, however often it tried. */
  | "gave up";

// A service that is only busy may freeze after its limit.
const AGAIN_MS = 5000;

// Ten minutes. Then the service has long started again, and tries itself.
const PAUSES_MS = [1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000];

/**
 * Thaws the application when its service cannot: it has ended, or does not say in time that it has
 * thawed. Ends when its input ends and nothing remains to be thawed.
 *
 * It keeps its place until its last try. No service freezes without a guardian that has the place, so
 * a late thaw of this one cannot meet the freeze of a later service.
 */
export async function runFreezeGuardian(
  options: FreezeGuardianOptions,
): Promise<FreezeGuardianEnd> {
  const place = await options.takePlace();
  if (place === null) return "no place";
  try {
    return await new FreezeGuardian(options).run();
  } finally {
    options.events.release();
    place.release();
  }
}

class FreezeGuardian {
  readonly #options: FreezeGuardianOptions;
  readonly #emit: Emit;
  /** The freeze that the service has not ended. */
  #freeze: number | undefined;
  #hasThawed = false;
  /** Counts what the service has said. */
  #orders = 0;
  #thawing: Promise<unknown> = Promise.resolve();
  #stopAlarm: () => void = () => {};
  #stopHold: () => void = () => {};
  /** Ends the tries of a thaw that the service has done itself. */
  #tries = new AbortController();

  constructor(options: FreezeGuardianOptions) {
    this.#options = options;
    this.#emit = options.events.emit;
  }

  async run(): Promise<FreezeGuardianEnd> {
    const ended = new Promise<void>((resolve) => {
      this.#options.listen({ onOrder: (order) => this.#obey(order), onEnd: resolve });
    });
    this.#options.report({ report: "ready" });
    await ended;
    this.#orders += 1;
    this.#stopAlarm();
    const isOwed = this.#freeze !== undefined;
    const end = isOwed ? await this.#thaw("serviceEnded") : "cancelled";
    // The place stays taken until no thaw runs that could meet another freeze.
    await this.#thawing;
    return end === "gave up" ? "gave up" : "done";
  }

  #obey(order: GuardianOrder): void {
    this.#orders += 1;
    this.#stopAlarm();
    switch (order.order) {
      case "watch":
        this.#watch(order);
        break;
      case "over":
        this.#tries.abort();
        this.#freeze = undefined;
        this.#stopHold();
        this.#options.events.release();
        break;
    }
  }

  #watch({ freeze, thawAfterMs }: Extract<GuardianOrder, { readonly order: "watch" }>): void {
    const { after, report, events } = this.#options;
    if (freeze !== this.#freeze) {
      this.#freeze = freeze;
      this.#hasThawed = false;
      this.#tries = new AbortController();
    }
    // The volumes may be held: an event that waits for the disk would delay the thaw.
    events.hold();
    this.#stopHold();
    this.#stopHold = after(VSS_FREEZE_MS, () => events.release());
    report({ report: "watching", freeze, hasThawed: this.#hasThawed });
    this.#thawAfter(thawAfterMs);
  }

  /** Thaws then, and again and again until the service says something. */
  #thawAfter(durationMs: number): void {
    const { after } = this.#options;
    const orders = this.#orders;
    const thaw = async (): Promise<void> => {
      await this.#thaw("timeout");
      if (orders === this.#orders) this.#thawAfter(AGAIN_MS);
    };
    this.#stopAlarm = after(durationMs, () => {
      // An order that this process has not read yet comes first.
      this.#stopAlarm = after(1, () => {
        this.#thawing = thaw();
      });
    });
  }

  async #thaw(reason: ThawReason): Promise<ThawEnd> {
    const { thaw, events } = this.#options;
    const isFirst = !this.#hasThawed;
    this.#hasThawed = true;
    const emit = this.#emit;
    const options = { ...thaw, emit, pausesMs: PAUSES_MS, isEndless: false };
    const end = await startThaw(options, reason, this.#tries.signal).done;
    if (end === "thawed" && (isFirst || reason === "serviceEnded"))
      emit({ event: "thawedEarly", reason });
    events.release();
    return end;
  }
}
