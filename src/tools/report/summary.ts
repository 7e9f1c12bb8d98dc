import { ownCommand } from "../../base/own-command.ts";
import { failureSentences, failuresOf, listNames } from "./failures.ts";
import type { History, ServiceSpan, SessionSpan } from "./spans.ts";

/** The outcome of a run. */
export type Verdict =
  | "completed"
  | "abandoned"
  | "recovered"
  | "keptStopped"
  | "open"
  | "failed"
  | "calls";

/** The summary of a run. */
export interface Summary {
  /** `failed`: a session completed with failures; `calls`: a run without a restore and failures. */
  readonly verdict: Verdict;
  /** The outcome and what failed, in one line for people. */
  readonly headline: string;
  /** The number of failures; one that several events recorded counts once. */
  readonly failures: number;
  /** The services that ran before the run and are stopped now, according to the events. */
  readonly leftStopped: readonly string[];
}

/** Returns the services whose last event is a stop or a failed start. */
export function stoppedServices(services: readonly ServiceSpan[]): readonly string[] {
  const stopped = new Set<string>();
  for (const { service, wanted, failed } of services) {
    if (wanted === "STOPPED") {
      // A service that failed to stop may still be stopping.
      if (!failed) stopped.add(service);
    } else if (!failed) stopped.delete(service);
  }
  return [...stopped];
}

function verdictOf(session: SessionSpan | undefined, failures: number): Verdict {
  if (session === undefined) return failures === 0 ? "calls" : "failed";
  const { outcome = "open", leftStopped } = session;
  const isClean = failures === 0 && leftStopped.length === 0;
  return outcome === "completed" && !isClean ? "failed" : outcome;
}

/** Summarizes a run. */
export function summarize(history: History): Summary {
  const { session, services } = history;
  const failures = failuresOf(history);
  const verdict = verdictOf(session, failures.length);
  const leftStopped = verdict === "open" ? stoppedServices(services) : (session?.leftStopped ?? []);
  const headline = headlineOf(outcomeOf(history, verdict), failureSentences(failures));
  return { verdict, headline, failures: failures.length, leftStopped };
}

/** Returns the outcome in a sentence; `undefined` if the failures say it. */
function outcomeOf({ session, isBackup }: History, verdict: Verdict): string | undefined {
  const unfinished = session?.unfinished ?? [];
  const texts: Readonly<Record<Verdict, string | undefined>> = {
    completed: "Completed.",
    failed: undefined,
    abandoned: "Abandoned: the client ended or was silent for too long.",
    recovered: "Recovered: the session was interrupted and ended later.",
    keptStopped: "Ended by an administrator, with the services kept stopped.",
    open:
      unfinished.length === 0
        ? "Still open."
        : `Not finished: there is no PostRestore of ${listNames(unfinished)}.`,
    calls: isBackup ? "Nothing failed." : "No restore; nothing failed.",
  };
  return texts[verdict];
}

function headlineOf(outcome: string | undefined, [first, ...further]: readonly string[]): string {
  if (first === undefined) return outcome ?? "Ended with problems.";
  const more = further.length === 0 ? "" : ` Further failures: ${further.length}.`;
  return `${outcome === undefined ? "" : `${outcome} `}${first}${more}`;
}

// A person reads these first; the timeline has all.
const MAX_FAILURES = 3;

/** Returns what happened in a run in sentences: its outcome, what failed, and what to do. */
export function sentencesOf(history: History): readonly string[] {
  const { verdict, leftStopped } = summarize(history);
  const outcome = outcomeOf(history, verdict);
  const failed = failureSentences(failuresOf(history));
  const left = failed.length - MAX_FAILURES;
  return [
    ...(outcome === undefined ? [] : [outcome]),
    ...failed.slice(0, MAX_FAILURES),
    ...(left > 0 ? [`Further failures: ${left}.`] : []),
    ...adviceOf(verdict, leftStopped),
  ];
}

function adviceOf(verdict: Verdict, leftStopped: readonly string[]): readonly string[] {
  if (leftStopped.length === 0) return [];
  const names = leftStopped.join(", ");
  if (verdict === "open") {
    return [`Stopped now: ${names}. To see what can be done: ${ownCommand("status")}`];
  }
  const commands = leftStopped.map((name) => `sc.exe start "${name}"`).join("; ");
  const how =
    verdict === "keptStopped"
      ? "Files may be half restored: look at them before you start these services with"
      : "Start them with";
  return [`Left stopped: ${names}. ${how}: ${commands}`];
}
