import { machineClock, type Clock } from "../../base/clock.ts";
import { errorText } from "../../base/errors.ts";
import type { HeldLock } from "../native/binding.ts";
import { abandonLost, abandonUnknown, isFinishing, type Living } from "./abandoned.ts";
import type { Session } from "./journal/session.ts";
import type { OpenJournal } from "./journal/store.ts";
import { ServiceWatch } from "./service-watch.ts";
import type { SessionLock } from "./session-lock.ts";
import { keepAbandoned, settleSession, type EndMachine } from "./settle.ts";

export interface GuardianOptions extends EndMachine {
  /** Takes the one place of a guardian; `null` while another has it. */
  readonly takePlace: () => Promise<HeldLock | null>;
  readonly lock: SessionLock;
  readonly living: Living;
  /** @defaultValue this machine's */
  readonly clock?: Clock;
}

/** What a guardian did before it ended. */
export type GuardianEnd =
  /** There is no session any more, by whoever ended it. */
  | "no session"
  /** The restore is abandoned: its services stay stopped until somebody decides. */
  | "abandoned"
  /** Services did not start, or the journal was closed to it, however often it tried. */
  | "gave up";

// How soon the death of a client and the end of a session are seen.
const POLL_MS = 500;
// Pauses between tries of what fails, such as a start: five more within some ten minutes.
const RETRY_MS = [1000, 5000, 30_000, 120_000, 480_000];

/**
 * Watches the session of one add-in until it has ended, and ends it when nobody else will: its
 * client has gone, or one that Windows cannot identify was silent for `abandonAfterMs`. Notes which
 * services run while they are to be stopped.
 *
 * A second guardian of the same add-in, as the server that takes a session over starts one, stands
 * by until the first one has gone or there is nothing to watch. What fails in passing is tried again.
 */
export async function runGuardian(options: GuardianOptions): Promise<GuardianEnd> {
  const { emit, clock = machineClock } = options;
  const guardian = new Guardian(options, clock);
  let failures = 0;
  try {
    for (;;) {
      let pauseMs = POLL_MS;
      try {
        const end = await guardian.look();
        if (end !== undefined) return end;
        failures = 0;
      } catch (error) {
        const retryMs = RETRY_MS[failures];
        emit({ event: "message", level: "error", text: errorText(error) });
        if (retryMs === undefined) return "gave up";
        failures += 1;
        pauseMs += retryMs;
      }
      await guardian.pause(pauseMs);
    }
  } finally {
    guardian.close();
  }
}

class Guardian {
  readonly #options: GuardianOptions;
  readonly #clock: Clock;
  readonly #watch: ServiceWatch;
  // By this process's own clock: one that is set forward must not end a restore under way.
  #heard = { steps: -1, timeMs: 0 };
  #isServerLost = false;
  #hasWatched = false;
  #place: HeldLock | null = null;

  constructor(options: GuardianOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#watch = new ServiceWatch(options);
  }

  close(): void {
    this.#watch.close();
    this.#place?.release();
  }

  /** Waits, but not longer than until a service runs. */
  pause(durationMs: number): Promise<void> {
    return this.#watch.pause(this.#clock, durationMs);
  }

  /**
   * Does what is due now.
   *
   * @returns `undefined` while there is something to watch.
   */
  async look(): Promise<GuardianEnd | undefined> {
    const { store, lock, takePlace } = this.#options;
    await this.#watchFirst();
    this.#place ??= await takePlace();
    // A server has the lock, starts its guardian and only then writes its component: without the lock,
    // a session that is about to begin looks like one that nobody needs.
    return lock(async () => {
      const journal = store.open();
      if (journal === undefined) return "no session";
      const { session } = journal;
      if (session.phase === "abandoned") return "abandoned";
      if (this.#place === null) return undefined;
      if (session.damage !== undefined) {
        keepAbandoned(this.#options, journal);
        return "abandoned";
      }
      this.#noteServer(session);
      await this.#watch.note(journal);
      return this.#settle(journal);
    });
  }

  /**
   * Watches the services once before it has its place: a restore waits for the place and then has the
   * lock, and no start may be missed meanwhile.
   */
  async #watchFirst(): Promise<void> {
    if (this.#hasWatched) return;
    this.#hasWatched = true;
    const session = this.#options.store.peek();
    if (session !== undefined) await this.#watch.watch(session);
  }

  async #settle(journal: OpenJournal): Promise<GuardianEnd | undefined> {
    const { living } = this.#options;
    const { session } = journal;
    journal.writeIfPossible([
      ...abandonLost(session, living),
      ...(this.#isSilent(session) ? abandonUnknown(session) : []),
    ]);
    // Its server records the end.
    if (isFinishing(session, living)) return undefined;
    switch (await settleSession(this.#options, journal, "abandoned")) {
      case "wait":
        return undefined;
      case "start":
        return "no session";
      case "keepStopped":
        return "abandoned";
    }
  }

  #noteServer({ sessionId, server }: Session): void {
    const { living, emit } = this.#options;
    const isLost = !living.isAlive(server);
    if (isLost && !this.#isServerLost) {
      emit({ event: "serverLost", sessionId, serverPid: server.pid });
    }
    this.#isServerLost = isLost;
  }

  /** Tells whether nothing was heard for so long that an unknown client counts as ended. */
  #isSilent({ steps, settings }: Session): boolean {
    const timeMs = this.#clock.now();
    if (steps !== this.#heard.steps) this.#heard = { steps, timeMs };
    return timeMs - this.#heard.timeMs >= settings.abandonAfterMs;
  }
}
