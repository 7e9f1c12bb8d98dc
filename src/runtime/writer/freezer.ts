import type { Clock } from "../../base/clock.ts";
import type { MapStack } from "../../base/error-chain.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import type { After } from "../addin/call-handler.ts";
import type { ThawReason } from "../events/definitions.ts";
import { errorsTo } from "../events/emit.ts";
import type { HeldEvents } from "../events/held-events.ts";
import { VSS_FREEZE_MS } from "../manifest/writer-settings.ts";
import type { GuardianLeash } from "./guardian-leash.ts";
import type { FreezeJournal } from "./journal/freeze-journal.ts";
import { firstOrderMs, GUARDIAN_LEAD_MS, type FreezeLimits } from "./limits.ts";
import { Postponed } from "./postponed.ts";
import { startThaw, type Thaw, type ThawLoop } from "./thaw.ts";

/** A run of the handler `freeze`. */
export interface FreezeRun {
  /** Resolves when the handler succeeds; rejects when it fails, and at its limit. */
  readonly answered: Promise<void>;
  /** Resolves when the handler has ended, perhaps long after its limit. */
  readonly ended: Promise<void>;
  /** Aborts the handler's signal. */
  cancel(reason: WsbError): void;
}

export interface FreezerOptions extends FreezeLimits {
  readonly journal: Pick<FreezeJournal, "read" | "begin" | "freezing" | "thawed" | "close">;
  readonly guardian: Pick<GuardianLeash, "isReady" | "start" | "watch" | "end">;
  readonly thaw: Thaw;
  readonly mapStack: MapStack;
  /** Everything that this process says. */
  readonly events: HeldEvents;
  readonly clock: Clock;
  readonly after: After;
}

/** One freeze of the application, from its record in the journal to its last thaw. */
interface Freeze {
  /** `undefined` for one that an earlier service has left. */
  readonly snapshotSetId: string | undefined;
  /** Whether it certainly began. */
  isKnown: boolean;
  /** Ends the handler when nobody waits for it any more. */
  cancel: (reason: WsbError) => void;
  /** `late`: it was thawed, and its handler still runs and may freeze again. */
  state: "freezing" | "frozen" | "thawing" | "late";
  /** The handler has not ended. */
  isRunning: boolean;
  handlerEnded: Promise<void>;
  frozenAtMs: number;
  /** Until then, it has no time for the guardian. */
  readonly quickUntilMs: number;
  /** The time before which the guardian does not thaw, if it had not when it took its last order. */
  quietUntilMs: number;
  /** Whether it had not. */
  isWatched: Promise<boolean>;
  /** Why the shadow copy cannot be relied on. */
  failure: WsbError | undefined;
  thaws: ThawLoop | undefined;
  /** Whether nobody waits for the event `thaw` any more. */
  isAnswered: boolean;
  /** Why it was thawed for good. */
  thawed: ThawReason | undefined;
  stopOrder: () => void;
  stopHold: () => void;
}

// The service tries for as long as it runs.
const PAUSES_MS = [1000, 2000, 5000, 10_000, 30_000, 60_000];

// A quick freeze and its answer have no time for the guardian. A slow one can afford its orders.
const QUICK_MS = 100;

// How soon a guardian thaws that hears nothing while a handler goes on after its limit.
const LATE_MS = 5000;
const LATE_BEAT_MS = 2000;

/**
 * Freezes and thaws the application: at most one freeze at a time, each on record before it begins,
 * watched by a guardian, and ended by whoever is first: the backup, a limit, or the service's stop.
 *
 * A shadow copy counts only if the application was frozen from the answer to `freeze` to the event
 * `thaw`: otherwise `thaw` fails, and so does the backup.
 */
export class Freezer {
  readonly #options: FreezerOptions;
  #current: Freeze | undefined;
  /** The last freeze that is over and whose backup must fail. */
  #spoiled: { readonly snapshotSetId: string; readonly failure: WsbError } | undefined;
  #prepared: string | undefined;
  #isStopping = false;
  #failedFreezes = 0;
  /** What follows an answer to VSS. Whatever comes next finds it done. */
  readonly #postponed: Postponed;

  constructor(options: FreezerOptions) {
    this.#options = options;
    this.#postponed = new Postponed(options.after);
  }

  /** The freezes that failed one after the other, also in earlier services. */
  get failedFreezes(): number {
    return this.#failedFreezes;
  }

  /** Whether the application may be frozen, so that nothing may be written. */
  get isFrozen(): boolean {
    return this.#current !== undefined && this.#current.state !== "late";
  }

  /** Counts failed freezes anew, also in later services: the writer has left. */
  forgive(): void {
    this.#postponed.now();
    this.#failedFreezes = 0;
    if (this.#current === undefined) this.#startJournal();
  }

  /** Thaws what an earlier service may have left frozen. Never rejects; it goes on until it works. */
  async recover(): Promise<void> {
    const { journal } = this.#options;
    const { state, failedFreezes } = journal.read();
    this.#failedFreezes = failedFreezes;
    if (state === "none") return;
    const left = newFreeze(undefined, this.#options.clock.now());
    // Without a journal, as at the first start, probably nothing was frozen.
    left.isKnown = state === "frozen";
    this.#current = left;
    try {
      await this.#end(left, "start");
    } catch {
      // The event says so, and the next try follows.
    }
  }

  /**
   * Prepares a freeze: what it needs later is there when this returns.
   *
   * @throws {@link WsbError} `ERR_WSB_CONFLICT` during another freeze, `ERR_WSB_JOURNAL` such as for a
   * full disk, and those of {@link GuardianLeash.start}.
   */
  async prepare(snapshotSetId: string): Promise<void> {
    this.#postponed.now();
    this.#requireIdle();
    this.#options.journal.begin(this.#failedFreezes);
    // VSS may name no set, so that two backups have the same.
    if (this.#spoiled?.snapshotSetId === snapshotSetId) this.#spoiled = undefined;
    this.#prepared = snapshotSetId;
    await this.#options.guardian.start(firstOrderMs(this.#options));
  }

  /**
   * Freezes the application.
   *
   * @param run Starts the handler, which is cancelled when the service stops.
   * @throws The handler's error; {@link WsbError} `ERR_WSB_CONFLICT` during another freeze,
   * `ERR_WSB_JOURNAL`, and `ERR_WSB_HANDLER` without a guardian. The application is thawed then.
   */
  async freeze(snapshotSetId: string, run: () => FreezeRun): Promise<void> {
    const { guardian, clock, freezeMs } = this.#options;
    this.#postponed.now();
    this.#failedFreezes += 1;
    this.#requireIdle();
    requireGuardian(guardian.isReady);
    const beganMs = clock.now();
    const one = newFreeze(snapshotSetId, beganMs);
    one.quietUntilMs = beganMs + firstOrderMs(this.#options);
    this.#record(snapshotSetId);
    this.#current = one;
    this.#holdEvents(one, freezeMs);
    this.#orderSoon(one, beganMs + freezeMs + GUARDIAN_LEAD_MS);
    try {
      await this.#run(one, run);
    } catch (error) {
      one.failure ??= spoiledError("its freeze failed", HRESULT.VSS_E_WRITERERROR_NONRETRYABLE);
      this.#endQuietly(one, "freezeFailed");
      throw error;
    }
    this.#hasFrozen(one);
  }

  /**
   * Called when VSS has the answer to a freeze that succeeded. One whose answer was not taken is
   * ended: nobody waits for it any more.
   */
  freezeAnswered(snapshotSetId: string, isTaken: boolean): void {
    const one = this.#current;
    if (one?.snapshotSetId !== snapshotSetId || one.state !== "frozen") return;
    if (isTaken) this.#failedFreezes = 0;
    else this.#spoil(one, "freezeFailed", timeoutError("freeze ended after its limit"));
  }

  /**
   * Thaws the application after the shadow copy was made.
   *
   * @throws {@link WsbError} when the application was not frozen all the time, `ERR_WSB_TIMEOUT` when
   * it was frozen for too long; the error of the handler.
   */
  async thaw(snapshotSetId: string): Promise<void> {
    this.#postponed.now();
    const one = this.#current;
    if (one === undefined || one.snapshotSetId !== snapshotSetId) {
      throw this.#failureOf(snapshotSetId);
    }
    this.#checkTime(one);
    if (one.state !== "frozen") {
      await one.thaws?.first;
      throw one.failure ?? this.#failureOf(snapshotSetId);
    }
    const isQuiet = this.#options.clock.now() < one.quietUntilMs;
    await this.#end(one, "thaw");
    if (!isQuiet || !(await one.isWatched)) {
      one.failure ??= spoiledError(
        "its guardian may have thawed it",
        HRESULT.VSS_E_WRITERERROR_RETRYABLE,
      );
    }
    if (one.failure !== undefined) throw one.failure;
  }

  /**
   * Called when VSS has the answer to `thaw`, whichever it is: what is left of the freeze is done a
   * moment later. If the service dies before its record, the next one thaws again.
   */
  thawAnswered(snapshotSetId: string): void {
    const one = this.#current;
    if (one?.snapshotSetId !== snapshotSetId) return;
    this.#postponed.put(() => {
      one.isAnswered = true;
      // The volumes are free, also while a thaw that failed is tried again.
      this.#releaseEvents(one);
      this.#overIfDone(one);
    });
  }

  /** @throws {@link WsbError} when the shadow copy of a set cannot be relied on. */
  requireSound(snapshotSetId: string): void {
    const one = this.#current;
    if (one?.snapshotSetId === snapshotSetId && one.failure !== undefined) throw one.failure;
    if (this.#spoiled?.snapshotSetId === snapshotSetId) throw this.#spoiled.failure;
  }

  /**
   * Thaws the application when its backup has ended before `thaw`.
   *
   * @param snapshotSetId `null` when it is not known.
   * @throws The error of the handler `thaw`.
   */
  async abort(snapshotSetId: string | null): Promise<void> {
    this.#postponed.now();
    const one = this.#current;
    if (one === undefined) {
      this.#endPrepared(snapshotSetId);
      return;
    }
    if (snapshotSetId !== null && one.snapshotSetId !== snapshotSetId) return;
    one.failure ??= spoiledError("the backup was aborted", HRESULT.VSS_E_WRITERERROR_RETRYABLE);
    try {
      await this.#end(one, "abort");
    } finally {
      // VSS holds no volume any more.
      this.#releaseEvents(one);
    }
  }

  /** Ends what is frozen, before the service stops. No freeze begins any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#postponed.now();
    const one = this.#current;
    if (one === undefined) {
      this.#options.guardian.end();
      this.#options.journal.close();
      return;
    }
    const failure = spoiledError("the service stops", HRESULT.VSS_E_WRITERERROR_RETRYABLE);
    one.failure ??= failure;
    one.cancel(failure);
    one.isAnswered = true;
    try {
      await this.#end(one, "stop");
    } catch {
      // The event says so. The guardian goes on when this process has ended.
    }
    this.#overIfDone(one);
  }

  /** Called when the guardian has ended: nobody would thaw if this process died too. */
  guardianLost(): void {
    const one = this.#current;
    const failure = spoiledError("its guardian ended", HRESULT.VSS_E_WRITERERROR_RETRYABLE);
    if (one?.state === "freezing") one.failure = failure;
    if (one?.state === "frozen") this.#spoil(one, "guardianEnded", failure);
  }

  #requireIdle(): void {
    if (this.#isStopping) {
      throw spoiledError("the service stops", HRESULT.VSS_E_WRITERERROR_RETRYABLE);
    }
    if (this.#current === undefined) return;
    throw new WsbError(
      "ERR_WSB_CONFLICT",
      "Cannot freeze: the freeze or the thaw of an earlier backup has not ended. Back up again later; if this does not end, restart the writer's service.",
      { hresult: HRESULT.VSS_E_WRITERERROR_RETRYABLE },
    );
  }

  /** Records the freeze. Whatever comes of it, the guardian may have seen it. */
  #record(snapshotSetId: string): void {
    const { journal, guardian } = this.#options;
    try {
      journal.freezing(snapshotSetId);
    } catch (error) {
      guardian.end();
      throw error;
    }
  }

  /** Runs the handler, and notices its end whenever that is. */
  async #run(one: Freeze, run: () => FreezeRun): Promise<void> {
    const handler = run();
    one.isRunning = true;
    one.cancel = (reason) => handler.cancel(reason);
    one.handlerEnded = handler.ended.finally(() => {
      one.isRunning = false;
    });
    await handler.answered;
  }

  #hasFrozen(one: Freeze): void {
    const { clock, after, frozenMs } = this.#options;
    // The service stops, or the guardian has ended.
    if (one.failure !== undefined) {
      this.#endQuietly(one, "freezeFailed");
      throw one.failure;
    }
    one.state = "frozen";
    one.frozenAtMs = clock.now();
    this.#holdEvents(one, 0);
    after(this.#ownLimitMs, () => this.#checkTime(one));
    // A thaw that hangs does not move this.
    this.#orderSoon(one, one.frozenAtMs + frozenMs - GUARDIAN_LEAD_MS);
  }

  /** Tells the guardian when to thaw, as soon as there is time. */
  #orderSoon(one: Freeze, thawAtMs: number): void {
    const { clock, after } = this.#options;
    const quickMs = one.quickUntilMs - clock.now();
    one.stopOrder();
    if (quickMs <= 0) this.#order(one, thawAtMs);
    else one.stopOrder = after(quickMs, () => this.#order(one, thawAtMs));
  }

  #order(one: Freeze, thawAtMs: number): void {
    const { guardian, clock } = this.#options;
    one.quietUntilMs = thawAtMs;
    one.isWatched = guardian.watch(Math.max(1, Math.ceil(thawAtMs - clock.now())));
  }

  get #ownLimitMs(): number {
    return this.#options.frozenMs - 2 * GUARDIAN_LEAD_MS;
  }

  /** Thaws what was frozen for too long. A busy process may come to the event before its alarm. */
  #checkTime(one: Freeze): void {
    const isLate = this.#options.clock.now() - one.frozenAtMs >= this.#ownLimitMs;
    if (one.state !== "frozen" || !isLate) return;
    const text = `the backup did not thaw it within ${this.#ownLimitMs} ms`;
    this.#spoil(one, "timeout", timeoutError(text));
  }

  #spoil(one: Freeze, reason: ThawReason, failure: WsbError): void {
    one.failure ??= failure;
    this.#endQuietly(one, reason);
  }

  #endQuietly(one: Freeze, reason: ThawReason): void {
    // A failed try is an event, and the next one follows.
    this.#end(one, reason).catch(() => {});
  }

  /** Thaws, and goes on until it works. Rejects when the first try fails. */
  #end(one: Freeze, reason: ThawReason): Promise<void> {
    one.stopOrder();
    if (one.thaws === undefined) {
      one.state = "thawing";
      one.thaws = this.#thaw(reason);
      void this.#finish(one, one.thaws, reason);
    }
    return one.thaws.first;
  }

  #thaw(reason: ThawReason): ThawLoop {
    const { thaw, clock, events, mapStack } = this.#options;
    const { emit } = events;
    const options = { thaw, clock, emit, mapStack, pausesMs: PAUSES_MS, isEndless: true };
    return startThaw(options, reason);
  }

  async #finish(one: Freeze, thaws: ThawLoop, reason: ThawReason): Promise<void> {
    const wasRunning = one.isRunning;
    await thaws.done;
    // What the handler does after its limit may freeze the application again.
    if (wasRunning) {
      one.state = "late";
      this.#releaseEvents(one);
      await this.#waitForHandler(one);
      one.state = "thawing";
      await this.#thaw("freezeFailed").done;
    }
    one.thawed = reason;
    this.#overIfDone(one);
  }

  /** Shows the guardian that this process is able to thaw when the handler ends. */
  async #waitForHandler(one: Freeze): Promise<void> {
    const { guardian, clock } = this.#options;
    while (one.isRunning) {
      void guardian.watch(LATE_MS);
      await Promise.race([one.handlerEnded, clock.wait(LATE_BEAT_MS)]);
    }
  }

  #overIfDone(one: Freeze): void {
    const { thawed, isAnswered } = one;
    if (this.#current !== one || thawed === undefined) return;
    if (isAnswered || thawed !== "thaw") this.#over(one, thawed);
  }

  #over(one: Freeze, reason: ThawReason): void {
    const { journal, guardian, events } = this.#options;
    const { snapshotSetId, failure } = one;
    this.#current = undefined;
    if (snapshotSetId !== undefined && failure !== undefined) {
      this.#spoiled = { snapshotSetId, failure };
    }
    guardian.end();
    if (snapshotSetId === undefined) this.#startJournal();
    else journal.thawed(this.#failedFreezes);
    if (reason !== "thaw" && one.isKnown) events.emit({ event: "thawedEarly", reason });
    this.#releaseEvents(one);
    if (this.#isStopping) journal.close();
  }

  /** Begins the journal anew while nothing is frozen. */
  #startJournal(): void {
    const { journal, events } = this.#options;
    try {
      journal.begin(this.#failedFreezes);
    } catch (error) {
      // Then the old one stands, and the next service may thaw again.
      errorsTo(events.emit)(errorText(error));
    }
  }

  #holdEvents(one: Freeze, moreMs: number): void {
    const { events, after } = this.#options;
    events.hold();
    one.stopHold();
    // VSS holds no volume for longer.
    one.stopHold = after(VSS_FREEZE_MS + moreMs, () => events.release());
  }

  #releaseEvents(one: Freeze): void {
    one.stopHold();
    this.#options.events.release();
  }

  #endPrepared(snapshotSetId: string | null): void {
    if (snapshotSetId !== null && this.#prepared !== snapshotSetId) return;
    this.#options.guardian.end();
  }

  #failureOf(snapshotSetId: string): WsbError {
    if (this.#spoiled?.snapshotSetId === snapshotSetId) return this.#spoiled.failure;
    return spoiledError("no freeze came before thaw", HRESULT.VSS_E_WRITERERROR_NONRETRYABLE);
  }
}

function newFreeze(snapshotSetId: string | undefined, beganMs: number): Freeze {
  return {
    snapshotSetId,
    isKnown: true,
    cancel: () => {},
    state: "freezing",
    isRunning: false,
    handlerEnded: Promise.resolve(),
    frozenAtMs: Number.POSITIVE_INFINITY,
    quickUntilMs: beganMs + QUICK_MS,
    quietUntilMs: Number.POSITIVE_INFINITY,
    isWatched: Promise.resolve(true),
    failure: undefined,
    thaws: undefined,
    isAnswered: false,
    thawed: undefined,
    stopOrder: () => {},
    stopHold: () => {},
  };
}

function requireGuardian(isReady: boolean): void {
  if (isReady) return;
  throw new WsbError(
    "ERR_WSB_HANDLER",
    "Cannot freeze: the guardian that would thaw the application if the service died does not run. Back up again; see its messages: wsb-addin log",
    { hresult: HRESULT.VSS_E_WRITERERROR_RETRYABLE },
  );
}

function spoiledError(why: string, hresult: number): WsbError {
  return new WsbError(
    "ERR_WSB_HANDLER",
    `The application was not frozen while the shadow copy was made: ${why}. Back up again.`,
    { hresult },
  );
}

function timeoutError(why: string): WsbError {
  return new WsbError(
    "ERR_WSB_TIMEOUT",
    `The application was not frozen while the shadow copy was made: ${why}. Back up again.`,
  );
}
