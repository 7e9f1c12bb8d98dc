import { errorText } from "../../base/errors.ts";
import {
  closeKeptStopped,
  closeSession,
  reportAbandoned,
  type SessionMachine,
} from "./close-session.ts";
import type { Journal } from "./journal.ts";
import type { SessionLock } from "./session-lock.ts";
import { abandonAll, abandonLost, dueOf, type Living } from "./abandoned.ts";
import { owedServices, setPhase } from "./transitions.ts";

/** What somebody decided about services that an abandoned restore keeps stopped. */
export type Decision = "undecided" | "start" | "keepStopped";

export interface RecoverChoice {
  readonly decision: Decision;
  /** End the session though its client is running: a restore may be under way. */
  readonly force: boolean;
}

export interface RecoverOptions extends SessionMachine, RecoverChoice {
  readonly lock: SessionLock;
  readonly living: Living;
}

/** What recovery would do about a session. */
export type RecoveryPlan =
  | { readonly state: "no session" }
  | {
      readonly state:
        /** A restore may be under way: its client is running. */
        | "in progress"
        /** Files may be half restored, and nobody has decided: nothing is done. */
        | "abandoned"
        /** The services start. */
        | "start"
        /** The session ends, and its services stay stopped. */
        | "keep stopped";
      readonly journal: Journal;
    };

/** What was found of a restore session, and done about it. */
export type RecoverOutcome =
  | { readonly state: "no session" }
  | { readonly state: "in progress" | "abandoned"; readonly journal: Journal }
  /** The session has ended, and `started` run again. */
  | { readonly state: "recovered"; readonly started: readonly string[] }
  /** The session has ended, and `stopped` stay stopped. */
  | { readonly state: "kept stopped"; readonly stopped: readonly string[] }
  /** Services did not start; the session is open still. */
  | {
      readonly state: "services stopped";
      readonly journal: Journal;
      readonly leftStopped: readonly string[];
      readonly text: string;
    };

/** Returns what {@link recoverSession} would do now; nothing is changed. */
export function planRecovery(
  journal: Journal | undefined,
  living: Living,
  { decision, force }: RecoverChoice,
): RecoveryPlan {
  if (journal === undefined) return { state: "no session" };
  const current = force ? abandonAll(journal) : abandonLost(journal, living);
  switch (dueOf(current)) {
    case "wait":
      return { state: "in progress", journal };
    case "start":
      return { state: decision === "keepStopped" ? "keep stopped" : "start", journal: current };
    case "keepStopped":
      if (decision === "undecided") return { state: "abandoned", journal: current };
      return { state: decision === "start" ? "start" : "keep stopped", journal: current };
  }
}

/**
 * Ends a restore session that nobody will finish, by hand or when the machine starts: starts the
 * services that it has stopped, and closes the journal. Where files may be half restored it does
 * nothing unless somebody has decided.
 *
 * @throws {@link WsbError} `ERR_WSB_JOURNAL` when the journal cannot be read.
 */
export async function recoverSession(options: RecoverOptions): Promise<RecoverOutcome> {
  const { store, lock, living } = options;
  return lock(async () => {
    const plan = planRecovery(store.read(), living, options);
    switch (plan.state) {
      case "no session":
        return plan;
      case "in progress":
        return { state: "in progress", journal: plan.journal };
      case "abandoned":
        return keepAbandoned(options, plan.journal);
      case "start":
        return startServices(options, plan.journal);
      case "keep stopped":
        closeKeptStopped(options, plan.journal);
        return { state: "kept stopped", stopped: owedServices(plan.journal).toReversed() };
    }
  });
}

function keepAbandoned(machine: SessionMachine, journal: Journal): RecoverOutcome {
  const abandoned = setPhase(journal, "abandoned");
  machine.store.write(abandoned);
  reportAbandoned(machine, abandoned);
  return { state: "abandoned", journal: abandoned };
}

async function startServices(machine: SessionMachine, journal: Journal): Promise<RecoverOutcome> {
  let started: readonly string[];
  try {
    started = await closeSession(machine, journal, "recovered");
  } catch (error) {
    const open = machine.store.read() ?? journal;
    return {
      state: "services stopped",
      journal: open,
      leftStopped: owedServices(open),
      text: errorText(error),
    };
  }
  return { state: "recovered", started };
}
