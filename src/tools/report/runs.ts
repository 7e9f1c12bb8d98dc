import { isFailure } from "../../base/hresult.ts";
import type { EventLine } from "../../runtime/events/definitions.ts";

/** Events that belong together: a restore, a backup that the writer took part in, or other calls. */
export interface Run {
  /**
   * Absent for a restore that stops no service, for a consistency check, and for a server that
   * failed to start.
   */
  readonly sessionId: string | undefined;
  /** Whether it is a restore; a restore that stops no service opens no session. */
  readonly isRestore: boolean;
  /** Whether it is a backup that the application's writer took part in. */
  readonly isBackup: boolean;
  readonly lines: readonly EventLine[];
}

interface OpenRun {
  sessionId: string | undefined;
  isClosed: boolean;
  isRestore: boolean;
  isBackup: boolean;
  /** The components whose PreRestore did not fail and that have no PostRestore yet. */
  readonly prepared: Set<string>;
  clientPid: number | undefined;
  /** The indexes of its lines among all lines. */
  readonly places: number[];
}

type Call = EventLine<"callReceived" | "callAnswered">;

function keyOf({ component }: Call): string {
  return component ?? "";
}

/** Tells whether a call is part of a restore of files. */
export function isRestoreCall({ method }: Call): boolean {
  return method === "preRestore" || method === "postRestore";
}

/** Notes in a set of components which are prepared and not finished. */
export function notePrepared(prepared: Set<string>, call: Call): void {
  const key = keyOf(call);
  if (call.method === "preRestore") {
    if (call.event === "callReceived") prepared.add(key);
    else if (isFailure(call.hresult)) prepared.delete(key);
  } else if (call.method === "postRestore" && call.event === "callAnswered") prepared.delete(key);
}

const TELLING: ReadonlySet<EventLine["event"]> = new Set([
  "callReceived",
  "handlerFailed",
  "thawFailed",
  "thawedEarly",
] as const);

function isWorthShowing({ isRestore, isBackup, lines }: Run): boolean {
  if (isRestore || isBackup) return true;
  return lines.some(
    (line) => TELLING.has(line.event) || (line.event === "message" && line.level === "error"),
  );
}

/** Tells whether a call prepares a component that waits for its PostRestore: in another restore. */
function preparesAgain(call: Call, { prepared }: OpenRun): boolean {
  return call.method === "preRestore" && prepared.has(keyOf(call));
}

function beginsAnother(line: EventLine, run: OpenRun): boolean {
  if (line.event === "serverStarted") return true;
  if (line.event === "writerCalled") return beginsBackup(line, run);
  if (line.event !== "callReceived") return false;
  if (run.isClosed || preparesAgain(line, run)) return true;
  // Such a call is not made between the PreRestore calls of a restore, so the restore has ended, if
  // only because each PreRestore failed.
  const isOver = run.sessionId === undefined && run.isRestore && run.prepared.size === 0;
  return isOver && !isRestoreCall(line);
}

/** Tells whether an event of VSS is of another backup: the service of a writer serves many. */
function beginsBackup({ method }: EventLine<"writerCalled">, run: OpenRun): boolean {
  return run.isBackup && (run.isClosed || method === "prepareBackup");
}

/** Notes what the service of a writer says. */
function noteWriter(run: OpenRun, line: EventLine): void {
  if (line.event === "writerCalled") run.isBackup = true;
  if (line.event === "writerAnswered" && line.method === "backupShutdown") run.isClosed = true;
}

/** Notes a call of a restore that has no session of its own. */
function noteCall(run: OpenRun, call: Call): void {
  if (!isRestoreCall(call)) return;
  run.isRestore = true;
  if (call.event === "callReceived") run.clientPid ??= call.clientPid;
  notePrepared(run.prepared, call);
  const isLast = call.event === "callAnswered" && call.method === "postRestore";
  if (isLast && run.prepared.size === 0) run.isClosed = true;
}

/** Tells whether a call of another process belongs to a restore that is not finished. */
function continues(line: EventLine<"callReceived">, run: OpenRun): boolean {
  if (run.sessionId !== undefined || run.isClosed || run.prepared.size === 0) return false;
  if (line.method === "postRestore" && run.prepared.has(keyOf(line))) return true;
  if (preparesAgain(line, run)) return false;
  return line.clientPid !== undefined && line.clientPid === run.clientPid;
}

/**
 * Splits events into runs, the run with the latest event last.
 *
 * The events of a process before it joins a restore (its start and the calls before the first
 * PreRestore) and after the restore's end belong to the restore too.
 */
export function splitRuns(lines: readonly EventLine[]): readonly Run[] {
  const runs = new Set<OpenRun>();
  const sessions = new Map<string, OpenRun>();
  const current = new Map<number, OpenRun>();

  const begin = (sessionId: string | undefined): OpenRun => {
    const run: OpenRun = {
      sessionId,
      isClosed: false,
      isRestore: sessionId !== undefined,
      isBackup: false,
      prepared: new Set(),
      clientPid: undefined,
      places: [],
    };
    runs.add(run);
    if (sessionId !== undefined) sessions.set(sessionId, run);
    return run;
  };
  const moveInto = (run: OpenRun, before: OpenRun | undefined): OpenRun => {
    if (before === undefined || before === run || before.sessionId !== undefined) return run;
    run.places.push(...before.places);
    runs.delete(before);
    for (const [pid, own] of current) if (own === before) current.set(pid, run);
    return run;
  };
  const withoutSession = (line: EventLine, before: OpenRun | undefined): OpenRun => {
    const own = before === undefined || beginsAnother(line, before) ? undefined : before;
    if (line.event === "callReceived" && isRestoreCall(line) && own?.isRestore !== true) {
      const other = [...runs].findLast((run) => continues(line, run));
      if (other !== undefined) return moveInto(other, own);
    }
    // The guardian of a writer has nothing to say but about its freeze.
    const guarded =
      line.role === "guardian" ? [...runs].findLast(({ isBackup }) => isBackup) : undefined;
    return own ?? guarded ?? begin(undefined);
  };
  const runOf = (line: EventLine): OpenRun => {
    const before = current.get(line.pid);
    const { sessionId } = line;
    if (sessionId === undefined) return withoutSession(line, before);
    return moveInto(sessions.get(sessionId) ?? begin(sessionId), before);
  };

  for (const [place, line] of lines.entries()) {
    const run = runOf(line);
    run.places.push(place);
    if (line.event === "sessionClosed") run.isClosed = true;
    noteWriter(run, line);
    const isCall = line.event === "callReceived" || line.event === "callAnswered";
    if (isCall && run.sessionId === undefined) noteCall(run, line);
    current.set(line.pid, run);
  }
  return [...runs]
    .map(({ sessionId, isRestore, isBackup, places }) => ({
      sessionId,
      isRestore,
      isBackup,
      places: places.toSorted((a, b) => a - b),
    }))
    .toSorted((a, b) => (a.places.at(-1) ?? 0) - (b.places.at(-1) ?? 0))
    .map(({ sessionId, isRestore, isBackup, places }) => ({
      sessionId,
      isRestore,
      isBackup,
      lines: places.flatMap((place) => lines[place] ?? []),
    }))
    .filter(isWorthShowing);
}
