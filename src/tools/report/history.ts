import type { EventLine } from "../../runtime/events/definitions.ts";
import { showProcess } from "../../base/process-identity.ts";
import { CallSpans } from "./call-spans.ts";
import { timeOf } from "../../runtime/events/line.ts";
import type { Run } from "./runs.ts";
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

function sessionOf({ sessionId, lines }: Run): SessionSpan | undefined {
  if (sessionId === undefined) return undefined;
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
  };
}

/** Whether the process that wrote the line at `place` has ended, as far as later lines tell. */
function isProcessOver(lines: readonly EventLine[], place: number): boolean {
  const pid = lines[place]?.pid;
  return lines.slice(place + 1).some((later) => {
    if (later.event === "sessionClosed") return true;
    if (later.event === "serverStarted") return later.pid !== pid;
    return later.event === "serverStopped" && later.pid === pid;
  });
}

/** Puts together what happened in a run, each thing from its beginning to its end. */
export function readHistory(run: Run): History {
  const { lines } = run;
  const calls = new CallSpans();
  const services = new ServiceSpans();
  const notes: Note[] = [];
  for (const line of lines) {
    switch (line.event) {
      case "callReceived":
        calls.received(line);
        break;
      case "callAnswered":
      case "checkFinished":
        calls.ended(line);
        break;
      case "handlerFailed":
        calls.failed(line);
        break;
      case "serviceStopping":
      case "serviceStarting":
        services.began(line);
        break;
      case "serviceStopped":
      case "serviceStarted":
        services.ended(line);
        break;
      case "serviceFailed":
        services.failed(line);
        break;
      case "message":
        notes.push({ atMs: timeOf(line), level: line.level, text: line.text, role: line.role });
        break;
      case "serverLost":
        notes.push({
          atMs: timeOf(line),
          level: "warn",
          text: `The add-in's process ${line.serverPid} ended in the middle of the session.`,
          role: line.role,
        });
        break;
      case "serverStarted":
      case "serverStopped":
      case "sessionOpened":
      case "sessionClosed":
      // The session's end names them too.
      case "serviceLeftStopped":
      // No file holds the steps of a simulation.
      case "stepTaken":
        break;
    }
  }
  const overAt = (line: EventLine): number | undefined => {
    const last = lines.findLast(({ pid }) => pid === line.pid) ?? line;
    return isProcessOver(lines, lines.indexOf(line)) ? timeOf(last) : undefined;
  };
  notes.push(...calls.end(overAt));
  services.end(overAt);
  const times = [
    ...lines.map(timeOf),
    ...[...calls.spans, ...services.spans].flatMap(({ startMs, endMs }) => [
      startMs,
      endMs ?? startMs,
    ]),
  ].toSorted((a, b) => a - b);
  return {
    startMs: times[0] ?? 0,
    endMs: times.at(-1) ?? 0,
    session: sessionOf(run),
    processes: processesOf(lines),
    calls: calls.spans.toSorted((a, b) => a.startMs - b.startMs),
    services: services.spans.toSorted((a, b) => a.startMs - b.startMs),
    notes: notes.toSorted((a, b) => a.atMs - b.atMs),
  };
}
