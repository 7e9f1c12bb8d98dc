import { machineClock, type Clock } from "../../base/clock.ts";
import { errorText } from "../../base/errors.ts";
import type { HeldLock } from "../native/binding.ts";
import { settleSession, type SessionMachine } from "./close-session.ts";
import type { Journal } from "./journal.ts";
import type { SessionLock } from "./session-lock.ts";
import { abandonLost, abandonUnknown, dueOf, type Living } from "./abandoned.ts";

export interface GuardianOptions extends SessionMachine {
  /** Takes the one place of a guardian; `null` while another has it. */
  readonly takePlace: () => Promise<HeldLock | null>;
  readonly lock: SessionLock;
  readonly living: Living;
  /**
   * How long a client that Windows cannot identify may be silent before its restore counts as
   * abandoned, in milliseconds.
   */
  readonly abandonAfterMs: number;
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

/** Whether clients that Windows cannot identify have been silent for too long. */
type Silence = "heard" | "silent";

/**
 * Gives up what nobody will finish, with what a guardian knows now. A client that lives and is known
 * is never overdue.
 *
 * @returns `undefined` while somebody may still finish the session.
 */
export function abandonedJournal(
  journal: Journal,
  living: Living,
  silence: Silence,
): Journal | undefined {
  const lost = abandonLost(journal, living);
  const current = silence === "silent" ? abandonUnknown(lost) : lost;
  return dueOf(current) === "wait" ? undefined : current;
}

/**
 * Watches the session of one add-in until it has ended, and ends it when nobody else will: its
 * client has gone, or nothing was heard for `abandonAfterMs`.
 *
 * A second guardian of the same add-in, as the server that takes a session over starts one, stands
 * by until the first one has gone or there is nothing to watch. What fails in passing is tried again.
 */
export async function runGuardian(options: GuardianOptions): Promise<GuardianEnd> {
  const { emit, clock = machineClock } = options;
  const watch = createWatch(options, clock);
  let place: HeldLock | null = null;
  let failures = 0;
  try {
    for (;;) {
      try {
        place ??= await options.takePlace();
        const journal = await findJournal(options);
        if (journal === undefined) return "no session";
        if (journal.phase === "abandoned") return "abandoned";
        if (place !== null) await watch(journal);
        failures = 0;
      } catch (error) {
        const pauseMs = RETRY_MS[failures];
        emit({ event: "message", level: "error", text: errorText(error) });
        if (pauseMs === undefined) return "gave up";
        failures += 1;
        await clock.wait(pauseMs);
      }
      await clock.wait(POLL_MS);
    }
  } finally {
    place?.release();
  }
}

// A server takes the lock, starts its guardian and only then writes the journal: without the lock, a
// session that is about to begin looks like one that has ended.
async function findJournal({ store, lock }: GuardianOptions): Promise<Journal | undefined> {
  return store.read() ?? (await lock(async () => store.read()));
}

/** What a guardian that has the place does about the session each time. */
function createWatch(options: GuardianOptions, clock: Clock): (journal: Journal) => Promise<void> {
  const { emit, living, abandonAfterMs } = options;
  // By this process's own clock: one that is set forward must not end a restore under way.
  let heardAt = { entry: "", time: clock.now() };
  let isServerLost = false;
  return async ({ sessionId, server, updatedAt }) => {
    const isLost = !living.isAlive(server);
    if (isLost && !isServerLost) emit({ event: "serverLost", sessionId, serverPid: server.pid });
    isServerLost = isLost;
    if (updatedAt !== heardAt.entry) heardAt = { entry: updatedAt, time: clock.now() };
    const isSilent = clock.now() - heardAt.time >= abandonAfterMs;
    await closeAbandoned(options, isSilent ? "silent" : "heard");
  };
}

async function closeAbandoned(options: GuardianOptions, silence: Silence): Promise<void> {
  const { store, lock, living } = options;
  const heard = store.read()?.updatedAt;
  const find = (): Journal | undefined => {
    const journal = store.read();
    // A call that came meanwhile is heard.
    const isSilent = silence === "silent" && journal?.updatedAt === heard;
    return journal && abandonedJournal(journal, living, isSilent ? "silent" : "heard");
  };
  if (find() === undefined) return;
  await lock(async () => {
    // A call may have come, or the session may have ended, before the lock was taken.
    const journal = find();
    if (journal !== undefined) await settleSession(options, journal, "abandoned");
  });
}
