import { ownCommand } from "../../base/own-command.ts";
import type { History, ServiceSpan } from "./spans.ts";

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
  /** `failed`: a session completed with failures; `calls`: a run without a session and failures. */
  readonly verdict: Verdict;
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

/** Summarizes a run. */
export function summarize(history: History): Summary {
  const { session, processes, calls, services, notes } = history;
  const failures =
    [...calls, ...services].filter(({ failed }) => failed).length +
    notes.filter(({ level }) => level === "error").length +
    processes.filter(({ isLost }) => isLost).length;
  if (session === undefined) {
    return { verdict: failures === 0 ? "calls" : "failed", failures, leftStopped: [] };
  }
  const { outcome, leftStopped } = session;
  if (outcome === undefined) {
    return { verdict: "open", failures, leftStopped: stoppedServices(services) };
  }
  const isClean = failures === 0 && leftStopped.length === 0;
  const verdict = outcome === "completed" && !isClean ? "failed" : outcome;
  return { verdict, failures, leftStopped };
}

/** Returns the summary of a run in sentences for people. */
export function sentencesOf({ verdict, failures, leftStopped }: Summary): readonly string[] {
  const failed = failures === 0 ? "" : ` Failures: ${failures}.`;
  const names = leftStopped.join(", ");
  const begun: Readonly<Record<Verdict, string>> = {
    completed: "Completed.",
    failed: "Ended with problems.",
    abandoned: "Abandoned: the client ended or was silent for too long.",
    recovered: "Recovered: the session was interrupted and ended later.",
    keptStopped: "Ended by an administrator, with the services kept stopped.",
    open: "Still open.",
    calls: "No restore session; nothing failed.",
  };
  const sentences = [`${begun[verdict]}${failed}`];
  if (leftStopped.length === 0) return sentences;
  if (verdict === "open") {
    return [
      ...sentences,
      `Stopped now: ${names}. To see what can be done: ${ownCommand("status")}`,
    ];
  }
  const commands = leftStopped.map((name) => `sc.exe start "${name}"`).join("; ");
  const how =
    verdict === "keptStopped"
      ? "Files may be half restored: look at them before you start these services with"
      : "Start them with";
  return [...sentences, `Left stopped: ${names}. ${how}: ${commands}`];
}
