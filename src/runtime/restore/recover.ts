import { errorText } from "../../base/errors.ts";
import { closeSession, type SessionMachine } from "./close-session.ts";
import type { Journal } from "./journal.ts";
import type { SessionLock } from "./session-lock.ts";
import { abandonAll, abandonLost, isAwaited, owedServices, type Living } from "./transitions.ts";

export interface RecoverOptions extends SessionMachine {
  readonly lock: SessionLock;
  readonly living: Living;
  /** End the session though its client is running: a restore may be under way. */
  readonly force: boolean;
}

/** What was found of a restore session, and done about it. */
export type RecoverOutcome =
  | { readonly state: "no session" }
  /** A restore may be under way: its client is running. Nothing was done. */
  | { readonly state: "in progress"; readonly journal: Journal }
  /** The session has ended, and `started` run again. */
  | { readonly state: "recovered"; readonly started: readonly string[] }
  /** Services did not start; the session is open still. */
  | {
      readonly state: "services stopped";
      readonly journal: Journal;
      readonly leftStopped: readonly string[];
      readonly text: string;
    };

/** What {@link recoverSession} would do now; nothing is changed. */
export function planRecovery(
  journal: Journal | undefined,
  living: Living,
  force: boolean,
):
  | { readonly state: "no session" }
  | { readonly state: "in progress" | "abandoned"; readonly journal: Journal } {
  if (journal === undefined) return { state: "no session" };
  if (force) return { state: "abandoned", journal: abandonAll(journal) };
  const current = abandonLost(journal, living);
  return isAwaited(current)
    ? { state: "in progress", journal }
    : { state: "abandoned", journal: current };
}

/**
 * Ends a restore session that nobody will finish: starts the services it has stopped and closes the
 * journal. It does by hand, and when the machine starts, what the guardian does.
 *
 * @throws {@link WsbError} `ERR_WSB_JOURNAL` when the journal cannot be read.
 */
export async function recoverSession(options: RecoverOptions): Promise<RecoverOutcome> {
  const { store, lock, living, force } = options;
  return lock(async () => {
    const plan = planRecovery(store.read(), living, force);
    if (plan.state === "no session") return plan;
    const { journal } = plan;
    if (plan.state === "in progress") return { state: "in progress", journal };
    try {
      await closeSession(options, journal, "recovered");
    } catch (error) {
      const open = store.read() ?? journal;
      return {
        state: "services stopped",
        journal: open,
        leftStopped: owedServices(open),
        text: errorText(error),
      };
    }
    return { state: "recovered", started: owedServices(journal) };
  });
}
