import { isFailure } from "../../base/hresult.ts";
import { levelOf, textOf, type EventLine } from "../../runtime/events/definitions.ts";
import { showProcess } from "../../base/process-identity.ts";
import { CallSpans, failureNote, failureOf } from "./call-spans.ts";
import { timeOf } from "../../runtime/events/line.ts";
import { isRestoreCall, notePrepared, type Run } from "./runs.ts";
import { ServiceSpans } from "./service-spans.ts";
import type { History, Note, ProcessSpan, SessionSpan } from "./spans.ts";

function processOf(
  lines: readonly EventLine[],
  own: readonly EventLine[],
): ProcessSpan | undefined {
  const first = own[0];
  const last = own.at(-1);
  if (first === undefined || last === undefined) return undefined;
  const { pid, role } = first;
  const ended = last.event === "serverStopped" ? { endMs: timeOf(last) } : {};
  const isLost =
    role === "server" && ended.endMs === undefined && isProcessOver(lines, lines.indexOf(last));
  return { pid, role, startMs: timeOf(first), lastMs: timeOf(last), ...ended, isLost };
}

function processesOf(lines: readonly EventLine[]): readonly ProcessSpan[] {
  const byPid = new Map<number, EventLine[]>();
  for (const line of lines) {
    const own = byPid.get(line.pid);
    if (own === undefined) byPid.set(line.pid, [line]);
    else own.push(line);
  }
  return [...byPid.values()].flatMap((own) => processOf(lines, own) ?? []);
}

function clientOf(opened: EventLine<"sessionOpened"> | undefined): string | undefined {
  if (opened?.clientPid === undefined && opened?.clientImage === undefined) return undefined;
  return showProcess({ pid: opened.clientPid, image: opened.clientImage });
}

function sessionOf({ sessionId, isRestore, lines }: Run): SessionSpan | undefined {
  if (!isRestore) return undefined;
  return sessionId === undefined ? restoreOf(lines) : recordedSession(sessionId, lines);
}

/** Returns the span of a restore without a session, from its calls. */
function restoreOf(lines: readonly EventLine[]): SessionSpan {
  const calls = lines.flatMap((line) =>
    line.event === "callReceived" || line.event === "callAnswered" ? [line] : [],
  );
  const prepared = new Set<string>();
  for (const call of calls) notePrepared(prepared, call);
  const own = calls.filter(isRestoreCall);
  const client = own.find((line) => line.event === "callReceived" && line.clientPid !== undefined);
  const first = own[0];
  const last = own.at(-1);
  const hasFailed = own.some((line) => line.event === "callAnswered" && isFailure(line.hresult));
  const ended = prepared.size > 0 || last === undefined ? {} : { endMs: timeOf(last) };
  return {
    sessionId: undefined,
    isBeginningKnown: false,
    startMs: first === undefined ? 0 : timeOf(first),
    ...ended,
    client: client?.event === "callReceived" ? showProcess({ pid: client.clientPid }) : undefined,
    outcome: prepared.size > 0 ? undefined : hasFailed ? "failed" : "completed",
    leftStopped: [],
    unfinished: [...prepared],
  };
}

function recordedSession(sessionId: string, lines: readonly EventLine[]): SessionSpan {
  const opened = lines.find((line) => line.event === "sessionOpened");
  const closed = lines.findLast((line) => line.event === "sessionClosed");
  const first = opened ?? lines.find((line) => line.sessionId === sessionId) ?? lines[0];
  return {
    sessionId,
    isBeginningKnown: opened !== undefined,
    startMs: first === undefined ? 0 : timeOf(first),
    ...(closed === undefined ? {} : { endMs: timeOf(closed) }),
    client: clientOf(opened),
    outcome: closed?.outcome,
    leftStopped: closed?.leftStopped ?? [],
    unfinished: [],
  };
}

/** Tells whether later lines show that the process of the line at `place` has ended. */
function isProcessOver(lines: readonly EventLine[], place: number): boolean {
  const pid = lines[place]?.pid;
  return lines.slice(place + 1).some((later) => {
    if (later.event === "serverLost") return later.serverPid === pid;
    if (later.event === "serverStarted") return later.pid !== pid;
    return later.event === "serverStopped" && later.pid === pid;
  });
}

/** A builder of a run's history that joins events into spans with a start and an end. */
class HistoryBuilder {
  readonly calls = new CallSpans();
  readonly services = new ServiceSpans();
  readonly notes: Note[] = [];

  add(line: EventLine): void {
    switch (line.event) {
      case "callReceived":
      case "writerCalled":
        this.calls.received(line);
        break;
      case "callAnswered":
      case "writerAnswered":
      case "checkFinished":
        this.calls.ended(line);
        break;
      case "thawFailed":
        this.notes.push({ ...messageOf(line), failure: failureOf(line) });
        break;
      case "handlerFailed":
        if (line.id === undefined) this.notes.push(failureNote(line));
        else this.calls.failed(line);
        break;
      case "serviceStopping":
      case "serviceStarting":
        this.services.began(line);
        break;
      case "serviceStopped":
      case "serviceStarted":
        this.services.ended(line);
        break;
      case "serviceFailed":
        this.services.failed(line);
        break;
      case "message":
      case "buildReplaced":
      case "serverLost":
      case "restoreAbandoned":
      case "journalDamaged":
      case "journalNotObeyed":
      case "servicePassed":
      case "servicesRan":
      case "serviceGone":
      case "serviceNotRunning":
      case "lockAwaited":
      case "lockOwnerEnded":
      case "writerStarted":
      case "writerStopped":
      case "thawedEarly":
      case "writerLeft":
      case "writerOff":
        this.notes.push(messageOf(line));
        break;
      case "serverStarted":
      case "serverStopped":
      case "sessionOpened":
      case "sessionClosed":
      // The event sessionClosed lists these services too.
      case "serviceLeftStopped":
      // The steps of a simulation are not written to a file.
      case "stepTaken":
        break;
    }
  }

  /** Ends the spans that have no end event. */
  end(overAt: (line: EventLine) => number | undefined): void {
    this.notes.push(...this.calls.end(overAt));
    this.services.end(overAt);
  }

  /** Returns the start and end times of all spans. */
  times(): readonly number[] {
    return [...this.calls.spans, ...this.services.spans].flatMap(({ startMs, endMs }) => [
      startMs,
      endMs ?? startMs,
    ]);
  }
}

type Message = EventLine<
  | "message"
  | "buildReplaced"
  | "serverLost"
  | "restoreAbandoned"
  | "journalDamaged"
  | "journalNotObeyed"
  | "servicePassed"
  | "servicesRan"
  | "serviceGone"
  | "serviceNotRunning"
  | "lockAwaited"
  | "lockOwnerEnded"
  | "writerStarted"
  | "writerStopped"
  | "thawedEarly"
  | "thawFailed"
  | "writerLeft"
  | "writerOff"
>;

function messageOf(line: Message): Note {
  return { atMs: timeOf(line), level: levelOf(line), text: textOf(line), role: line.role };
}

/** Returns when the process of a line had ended; `undefined` while it may still run. */
function overAtIn(lines: readonly EventLine[]): (line: EventLine) => number | undefined {
  return (line) => {
    const last = lines.findLast(({ pid }) => pid === line.pid) ?? line;
    return isProcessOver(lines, lines.indexOf(line)) ? timeOf(last) : undefined;
  };
}

function byStart(a: { readonly startMs: number }, b: { readonly startMs: number }): number {
  return a.startMs - b.startMs;
}

/** Returns the history of a run: its calls, services and processes as spans. */
export function readHistory(run: Run): History {
  const { lines } = run;
  const built = new HistoryBuilder();
  for (const line of lines) built.add(line);
  built.end(overAtIn(lines));
  const times = [...lines.map(timeOf), ...built.times()].toSorted((a, b) => a - b);
  return {
    startMs: times[0] ?? 0,
    endMs: times.at(-1) ?? 0,
    session: sessionOf(run),
    isBackup: run.isBackup,
    processes: processesOf(lines),
    calls: built.calls.spans.toSorted(byStart),
    services: built.services.spans.toSorted(byStart),
    notes: built.notes.toSorted((a, b) => a.atMs - b.atMs),
  };
}
