import { WsbError } from "../../base/errors.ts";
import type { After } from "../addin/call-handler.ts";
import type { GuardianOrder, GuardianReport } from "./guardian-messages.ts";
import { GUARDIAN_START_MS } from "./limits.ts";

/** The process of a guardian, as its service sees it. */
export interface GuardianProcess {
  send(order: GuardianOrder): void;
  /** Ends the guardian's input, and the guardian if it does not end then. Idempotent. */
  close(): void;
}

/** Hears of a guardian's process. */
export interface GuardianListener {
  onReport(report: GuardianReport): void;
  /** @param why Such as "it ended with code 1". */
  onExit(why: string): void;
}

/** Starts the process of a guardian; throws when that fails. */
export type StartGuardian = (listener: GuardianListener) => GuardianProcess;

export interface GuardianLeashOptions {
  readonly start: StartGuardian;
  readonly after: After;
  /** Called when a guardian ends that was ready, and was not closed. */
  readonly onLost: () => void;
}

// A guardian answers within milliseconds, unless it hangs.
const ANSWER_MS = 2000;

/** One guardian of the service, from its start to its end. */
interface Kept {
  process: GuardianProcess | undefined;
  isReady: boolean;
  readonly settle: (failure?: WsbError) => void;
  readonly ready: Promise<void>;
  /** Waits for the answers to `watch`, in their order. */
  readonly waiting: ((hasThawed: boolean) => void)[];
}

/** The service's side of its guardian: it starts one for each freeze, and tells it when to thaw. */
export class GuardianLeash {
  readonly #options: GuardianLeashOptions;
  #kept: Kept | undefined;

  constructor(options: GuardianLeashOptions) {
    this.#options = options;
  }

  /** Whether a guardian has its place. */
  get isReady(): boolean {
    return this.#kept?.isReady === true;
  }

  /**
   * Starts a guardian, unless there is one, and waits until it has its place.
   *
   * @param thawAfterMs When it thaws a freeze of which no order tells it, after it sees it.
   * @throws {@link WsbError} `ERR_WSB_HANDLER` when it does not start, `ERR_WSB_TIMEOUT` when it has
   * no place after 15 seconds.
   */
  start(thawAfterMs: number): Promise<void> {
    return (this.#kept ?? this.#startOne(thawAfterMs)).ready;
  }

  /**
   * Tells the guardian to thaw so many milliseconds from now, and at once when this process ends.
   *
   * @returns Whether it is certain that the guardian has not thawed. The order counts from now on;
   * only the answer takes time, at most two seconds.
   */
  async watch(thawAfterMs: number): Promise<boolean> {
    const kept = this.#kept;
    if (kept?.process === undefined) return false;
    const answer = new Promise<boolean>((resolve) => {
      const stopLimit = this.#options.after(ANSWER_MS, () => resolve(true));
      kept.waiting.push((hasThawed) => {
        stopLimit();
        resolve(hasThawed);
      });
    });
    kept.process.send({ order: "watch", thawAfterMs });
    return !(await answer);
  }

  /** Tells the guardian that nothing is frozen, and ends it. */
  end(): void {
    const kept = this.#kept;
    this.#kept = undefined;
    if (kept === undefined) return;
    kept.process?.send({ order: "over" });
    // What it was asked before, it still answers.
    kept.settle(startError("it was ended"));
    kept.process?.close();
  }

  #startOne(thawAfterMs: number): Kept {
    const kept = newKept();
    this.#kept = kept;
    const stopLimit = this.#options.after(GUARDIAN_START_MS, () => {
      const text = `The guardian has no place after ${GUARDIAN_START_MS / 1000} s. Look for another guardian of the writer that does not end, and end it.`;
      this.#fail(kept, new WsbError("ERR_WSB_TIMEOUT", text));
    });
    kept.ready.then(stopLimit, stopLimit);
    try {
      kept.process = this.#options.start({
        onReport: (report) => hear(kept, report, thawAfterMs),
        onExit: (why) => this.#onExit(kept, why),
      });
    } catch (error) {
      this.#fail(kept, startError(error instanceof Error ? error.message : String(error)));
    }
    return kept;
  }

  #fail(kept: Kept, error: WsbError): void {
    this.#kept = undefined;
    kept.settle(error);
    kept.process?.close();
  }

  #onExit(kept: Kept, why: string): void {
    const wasReady = kept.isReady;
    const isKept = this.#kept === kept;
    if (isKept) this.#kept = undefined;
    this.#forget(kept, why);
    if (isKept && wasReady) this.#options.onLost();
  }

  #forget(kept: Kept, why: string): void {
    kept.settle(startError(why));
    // Nobody knows whether it has thawed.
    for (const answer of kept.waiting.splice(0)) answer(true);
  }
}

function startError(why: string): WsbError {
  return new WsbError(
    "ERR_WSB_HANDLER",
    `The guardian does not run: ${why}. Without it, an application whose writer dies would stay frozen. See its messages: wsb-addin log`,
  );
}

function nothing(): void {}

function newKept(): Kept {
  let settle: Kept["settle"] = nothing;
  const ready = new Promise<void>((resolve, reject) => {
    settle = (failure) => (failure === undefined ? resolve() : reject(failure));
  });
  return { process: undefined, isReady: false, settle, ready, waiting: [] };
}

function hear(kept: Kept, report: GuardianReport, thawAfterMs: number): void {
  switch (report.report) {
    case "ready":
      kept.process?.send({ order: "expect", thawAfterMs });
      kept.isReady = true;
      kept.settle();
      break;
    case "watching":
      kept.waiting.shift()?.(report.hasThawed);
      break;
  }
}
