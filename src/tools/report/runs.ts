import type { EventLine } from "../../runtime/events/definitions.ts";

/** Events that belong together: a restore session, or calls outside of one. */
export interface Run {
  /**
   * Absent for a run without a restore session: a consistency check or a server that failed to
   * start.
   */
  readonly sessionId: string | undefined;
  readonly lines: readonly EventLine[];
}

interface OpenRun {
  sessionId: string | undefined;
  isClosed: boolean;
  /** The indexes of its lines among all lines. */
  readonly places: number[];
}

function isWorthShowing({ sessionId, lines }: Run): boolean {
  if (sessionId !== undefined) return true;
  return lines.some(
    (line) => line.event === "callReceived" || (line.event === "message" && line.level === "error"),
  );
}

function beginsAnother(line: EventLine, run: OpenRun): boolean {
  if (line.event === "serverStarted") return true;
  return run.isClosed && line.event === "callReceived";
}

/**
 * Splits events into runs, the run with the latest event last.
 *
 * The events of a process before it joins a session (its start and the calls before the first
 * PreRestore) and after the session's end belong to the session too.
 */
export function splitRuns(lines: readonly EventLine[]): readonly Run[] {
  const runs = new Set<OpenRun>();
  const sessions = new Map<string, OpenRun>();
  const current = new Map<number, OpenRun>();

  const begin = (sessionId: string | undefined): OpenRun => {
    const run: OpenRun = { sessionId, isClosed: false, places: [] };
    runs.add(run);
    if (sessionId !== undefined) sessions.set(sessionId, run);
    return run;
  };
  const runOf = (line: EventLine): OpenRun => {
    const before = current.get(line.pid);
    const { sessionId } = line;
    if (sessionId === undefined) {
      return before === undefined || beginsAnother(line, before) ? begin(undefined) : before;
    }
    const session = sessions.get(sessionId) ?? begin(sessionId);
    if (before !== undefined && before.sessionId === undefined) {
      session.places.push(...before.places);
      runs.delete(before);
    }
    return session;
  };

  for (const [place, line] of lines.entries()) {
    const run = runOf(line);
    run.places.push(place);
    if (line.event === "sessionClosed") run.isClosed = true;
    current.set(line.pid, run);
  }
  return [...runs]
    .map(({ sessionId, places }) => ({ sessionId, places: places.toSorted((a, b) => a - b) }))
    .toSorted((a, b) => (a.places.at(-1) ?? 0) - (b.places.at(-1) ?? 0))
    .map(({ sessionId, places }) => ({
      sessionId,
      lines: places.flatMap((place) => lines[place] ?? []),
    }))
    .filter(isWorthShowing);
}
