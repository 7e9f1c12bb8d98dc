import { errorText } from "../../base/errors.ts";
import { abandonAll, abandonLost, dueOf, isFinishing, type Living } from "./abandoned.ts";
import { closeKeptStopped } from "./close-session.ts";
import { owedNames, startedNames, type Session } from "./journal/session.ts";
import type { Change, JournalService } from "./journal/step.ts";
import type { OpenJournal } from "./journal/store.ts";
import type { SessionLock } from "./session-lock.ts";
import { closeSession, settleSession, type EndMachine } from "./settle.ts";

/** What somebody decided about services that an abandoned restore keeps stopped. */
export type Decision = "undecided" | "start" | "keepStopped";

export interface RecoverChoice {
  readonly decision: Decision;
  /** End the session though its client runs: a restore may be in progress. */
  readonly force: boolean;
}

export interface RecoverOptions extends EndMachine, RecoverChoice {
  readonly lock: SessionLock;
  readonly living: Living;
}

/** What recovery would do about a session that is open. */
export type RecoveryState =
  /** A restore may be in progress: its client runs. */
  | "in progress"
  /** Files may be half restored, and nobody has decided: nothing is done. */
  | "abandoned"
  /** The services start. */
  | "start"
  /** The session ends, and its services stay stopped. */
  | "keep stopped";

/** What was found of a restore session, and done about it. */
export type RecoverOutcome =
  | { readonly state: "no session" }
  | { readonly state: "in progress" | "abandoned"; readonly session: Session }
  /** The session has ended, and `started` run again. */
  | { readonly state: "recovered"; readonly started: readonly string[] }
  /**
   * The session has ended, and `stopped` stay stopped, in the order in which they were stopped; what
   * another add-in starts is not among them.
   */
  | { readonly state: "kept stopped"; readonly stopped: readonly JournalService[] }
  /** Services did not start; the session is open still. */
  | {
      readonly state: "services stopped";
      readonly session: Session;
      readonly leftStopped: readonly string[];
      readonly text: string;
    };

/** Gives up what nobody will finish, or, when it is forced, everything. */
export function givenUp(
  session: Session,
  living: Living,
  { force }: RecoverChoice,
): readonly Change[] {
  return force ? abandonAll(session) : abandonLost(session, living);
}

/** Returns what recovery would do now about a session of which {@link givenUp} was given up. */
export function planRecovery(
  session: Session,
  living: Living,
  { decision, force }: RecoverChoice,
): RecoveryState {
  if (!force && isFinishing(session, living)) return "in progress";
  switch (dueOf(session)) {
    case "wait":
      return "in progress";
    case "start":
      return decision === "keepStopped" ? "keep stopped" : "start";
    case "keepStopped":
      if (decision === "undecided") return "abandoned";
      return decision === "start" ? "start" : "keep stopped";
  }
}

/**
 * Ends a restore session that nobody will finish, by hand or when the machine starts: starts the
 * services that it has stopped, and closes the journal. Where files may be half restored it does
 * nothing unless somebody has decided, or the add-in's handler `restoreAbandoned` does.
 *
 * @throws {@link WsbError} `ERR_WSB_JOURNAL` when the journal cannot be read.
 */
export async function recoverSession(options: RecoverOptions): Promise<RecoverOutcome> {
  const { store, lock, living } = options;
  return lock(async () => {
    const journal = store.open();
    if (journal === undefined) return { state: "no session" };
    const { session } = journal;
    journal.writeIfPossible(givenUp(session, living, options));
    const state = planRecovery(session, living, options);
    switch (state) {
      case "in progress":
        return { state, session };
      case "abandoned":
        return startIfPossible(journal, () => settleAbandoned(options, journal));
      case "start":
        return startIfPossible(journal, async () => ({
          state: "recovered",
          started: await closeSession(options, journal, "recovered"),
        }));
      case "keep stopped":
        return { state: "kept stopped", stopped: closeKeptStopped(options, journal) };
    }
  });
}

async function settleAbandoned(machine: EndMachine, journal: OpenJournal): Promise<RecoverOutcome> {
  const done = await settleSession(machine, journal, "recovered");
  return done === "start"
    ? { state: "recovered", started: startedNames(journal.session) }
    : { state: "abandoned", session: journal.session };
}

async function startIfPossible(
  { session }: OpenJournal,
  start: () => Promise<RecoverOutcome>,
): Promise<RecoverOutcome> {
  try {
    return await start();
  } catch (error) {
    return {
      state: "services stopped",
      session,
      leftStopped: owedNames(session),
      text: errorText(error),
    };
  }
}
