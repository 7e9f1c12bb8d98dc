import type { History, ServiceSpan } from "./spans.ts";

/** How a run stands. */
export type Verdict = "completed" | "abandoned" | "recovered" | "open" | "failed" | "calls";

/** A run in a few words. */
export interface Summary {
  /** `failed`: a session was completed, and something in it failed; `calls`: there was no session. */
  readonly verdict: Verdict;
  readonly failures: number;
  /** Services that ran before and, as far as is on record, do not run now. */
  readonly leftStopped: readonly string[];
}

/** Services whose last change was a stop, or a start that failed. */
export function stoppedServices(services: readonly ServiceSpan[]): readonly string[] {
  const stopped = new Set<string>();
  for (const { service, wanted, failed } of services) {
    if (wanted === "STOPPED") {
      // One that did not stop may still be on its way.
      if (!failed) stopped.add(service);
    } else if (!failed) stopped.delete(service);
  }
  return [...stopped];
}

/** Sums a run up. */
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

/** What a person should know of a run first, in whole sentences. */
export function sentencesOf({ verdict, failures, leftStopped }: Summary): readonly string[] {
  const failed = failures === 0 ? "" : ` Failures: ${failures}.`;
  const names = leftStopped.join(", ");
  const begun: Readonly<Record<Verdict, string>> = {
    completed: "Completed.",
    failed: "Ended, but not all went well.",
    abandoned: "Abandoned: the client had gone, and the session was ended for it.",
    recovered: "Recovered: the session had broken off, and was ended later.",
    open: "Still open.",
    calls: "No restore session; nothing failed.",
  };
  const sentences = [`${begun[verdict]}${failed}`];
  if (leftStopped.length === 0) return sentences;
  if (verdict === "open") return [...sentences, `Stopped at present: ${names}.`];
  const commands = leftStopped.map((name) => `sc.exe start "${name}"`).join("; ");
  return [...sentences, `Left stopped: ${names}. To start by hand: ${commands}`];
}
