import type { EventRole } from "../../runtime/events/definitions.ts";
import type { TimelineEntry } from "./timeline.ts";
import type { CallSpan, History, Note, ProcessSpan, ServiceSpan, SessionSpan } from "./spans.ts";

/** An entry with its time since the epoch; `startMs` is computed last. */
type Dated = Omit<TimelineEntry, "startMs" | "durationMs"> & {
  readonly atMs: number;
  readonly endMs?: number | undefined;
};

/** Returns the name of the COM method, or of the event of VSS, that a handler serves. */
export function comMethod(method: CallSpan["method"]): string {
  return `${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}

const actors: Readonly<Record<EventRole, string>> = {
  server: "the server",
  guardian: "the guardian",
  recover: "wsb-addin recover",
  cli: "a command",
  handler: "the process of a handler",
  writer: "the writer's service",
};

function textOf(
  parts: readonly (string | undefined)[],
  separator = "; ",
): { readonly detail?: string } {
  const given = parts.filter((part) => part !== undefined);
  return given.length === 0 ? {} : { detail: given.join(separator) };
}

function callEntry({ what, method, component, startMs, ...call }: CallSpan): Dated {
  return {
    atMs: startMs,
    endMs: call.endMs,
    step: what === "call" ? comMethod(method) : "check",
    ...(component === undefined ? {} : { component }),
    ...(call.hresult === undefined ? {} : { hresult: call.hresult }),
    ...textOf([call.text]),
    failed: call.failed,
    ...(call.failure === undefined ? {} : { failure: call.failure }),
  };
}

/** A service that failed; the row of the call that failed with it has its whole text. */
function serviceEntry(
  { service, wanted, role, ...span }: ServiceSpan,
  calls: readonly CallSpan[],
): Dated {
  const { text } = span;
  const isTold = calls.some(
    (call) => text !== undefined && call.failed && call.text?.includes(text) === true,
  );
  return {
    atMs: span.startMs,
    endMs: span.endMs,
    step: wanted === "STOPPED" ? "stop service" : "start service",
    service,
    ...textOf(
      [
        isTold ? "failed, as its call says" : text,
        role === "server" ? undefined : `(by ${actors[role]})`,
      ],
      " ",
    ),
    failed: span.failed,
  };
}

function noteEntry({ atMs, level, text, method, component, hresult, failure }: Note): Dated {
  const step = method === undefined ? "message" : `${comMethod(method)} handler`;
  return {
    atMs,
    step,
    ...(component === undefined ? {} : { component }),
    ...(hresult === undefined ? {} : { hresult }),
    detail: level === "warn" ? `warning: ${text}` : text,
    failed: level === "error",
    ...(failure === undefined ? {} : { failure }),
  };
}

function processEntries(process: ProcessSpan): readonly Dated[] {
  const { pid, role, startMs, endMs, lastMs, isLost } = process;
  // The service of a writer runs before and after.
  if (role === "cli" || role === "writer") return [];
  const detail = `process ${pid}`;
  const started = { atMs: startMs, step: `${role} started`, detail, failed: false };
  if (isLost) {
    const lost = { atMs: lastMs, step: `${role} lost`, detail: `${detail}; killed or crashed` };
    return [started, { ...lost, failed: true }];
  }
  if (endMs === undefined) return [started];
  return [started, { atMs: endMs, step: `${role} stopped`, detail, failed: false }];
}

function sessionEntries(session: SessionSpan): readonly Dated[] {
  const { startMs, endMs, isBeginningKnown, client, outcome, leftStopped } = session;
  const by = textOf([client === undefined ? undefined : `by ${client}`]);
  const opening = { atMs: startMs, step: "session opened", ...by, failed: false };
  const opened = isBeginningKnown ? [opening] : [];
  if (endMs === undefined || session.sessionId === undefined) return opened;
  const left = leftStopped.length === 0 ? undefined : `left stopped: ${leftStopped.join(", ")}`;
  const failed = outcome !== "completed" || left !== undefined;
  return [...opened, { atMs: endMs, step: "session closed", ...textOf([outcome, left]), failed }];
}

function sinceOrigin({ atMs, endMs = atMs, ...entry }: Dated, originMs: number): TimelineEntry {
  return { startMs: atMs - originMs, durationMs: Math.max(0, endMs - atMs), ...entry };
}

/** Converts the history of a run to a timeline like the simulator's, in order of start times. */
export function toTimeline(history: History): readonly TimelineEntry[] {
  const { session, processes, calls, services, notes, startMs: originMs } = history;
  const dated = [
    ...processes.flatMap(processEntries),
    ...calls.map(callEntry),
    ...(session === undefined ? [] : sessionEntries(session)),
    ...services.map((service) => serviceEntry(service, calls)),
    ...notes.map(noteEntry),
  ].toSorted((a, b) => a.atMs - b.atMs);
  return dated.map((entry) => sinceOrigin(entry, originMs));
}
