import type { After } from "../addin/call-handler.ts";
import type { ThawReason } from "../events/definitions.ts";
import type { Emit } from "../events/emit.ts";
import type { HeldEvents } from "../events/held-events.ts";
import type { HeldLock } from "../native/binding.ts";
import { VSS_FREEZE_MS } from "../manifest/writer-settings.ts";
import type { GuardianOrder, GuardianReport } from "./guardian-messages.ts";
import type { FreezeJournal } from "./journal/freeze-journal.ts";
import { GUARDIAN_LOOK_MS } from "./limits.ts";
import { startThaw, type ThawEnd, type ThawLoopOptions } from "./thaw.ts";

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
  /** The journal that the service writes. */
  readonly journal: Pick<FreezeJournal, "look">;
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
 * `freeze` has no time to tell its guardian, which looks at the journal instead: four times a second
 * until it sees a freeze or an order tells of one, and when the service ends.
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
  #state: /** Until a freeze is seen. */
    | "waiting"
    | "frozen"
    /** The service needs no guardian any more. */
    | "over" = "waiting";
  #hasThawed = false;
  /** Counts what the service has said. */
  #orders = 0;
  #thawing: Promise<unknown> = Promise.resolve();
  #stopLook: () => void = () => {};
  #stopAlarm: () => void = () => {};
  #stopHold: () => void = () => {};
  /** Ends the tries of a thaw that the service has done itself. */
  readonly #tries = new AbortController();

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
    this.#stopLook();
    this.#stopAlarm();
    const end = this.#isOwed() ? await this.#thaw("serviceEnded") : "cancelled";
    // The place stays taken until no thaw runs that could meet another freeze.
    await this.#thawing;
    return end === "gave up" ? "gave up" : "done";
  }

  #obey(order: GuardianOrder): void {
    this.#orders += 1;
    this.#stopLook();
    this.#stopAlarm();
    switch (order.order) {
      case "expect":
        this.#expect(order.thawAfterMs);
        break;
      case "watch":
        this.#options.report({ report: "watching", hasThawed: this.#hasThawed });
        this.#watch(order.thawAfterMs);
        break;
      case "over":
        this.#tries.abort();
        this.#state = "over";
        this.#options.events.release();
        break;
    }
  }

  /** Looks at the journal until a freeze is on record, or until the service says something. */
  #expect(thawAfterMs: number): void {
    const { after, journal } = this.#options;
    this.#stopLook = after(GUARDIAN_LOOK_MS, () => {
      const found = journal.look();
      // A journal that cannot be read may be of a freeze; the next look may tell.
      if (found === "none") this.#forget();
      else if (this.#state === "waiting") this.#watch(thawAfterMs);
      if (found !== "frozen") this.#expect(thawAfterMs);
    });
  }

  /** Nothing was frozen. */
  #forget(): void {
    this.#orders += 1;
    this.#stopAlarm();
    this.#state = "waiting";
    this.#options.events.release();
  }

  #watch(thawAfterMs: number): void {
    this.#state = "frozen";
    this.#hold();
    this.#thawAfter(thawAfterMs);
  }

  /** The volumes may be held: an event that waits for the disk would delay the thaw. */
  #hold(): void {
    const { after, events } = this.#options;
    events.hold();
    this.#stopHold();
    this.#stopHold = after(VSS_FREEZE_MS, () => events.release());
  }

  /** Whether the application may be frozen now that the service has ended. */
  #isOwed(): boolean {
    if (this.#state === "frozen") return true;
    // A journal that does not tell counts: a thaw too much does no harm.
    if (this.#state === "over" || this.#options.journal.look() === "none") return false;
    this.#hold();
    return true;
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
