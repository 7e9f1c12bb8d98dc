import { nameHresult } from "../../base/hresult.ts";
import { showDuration } from "./duration.ts";
import type { CallSpan, History, Note, ProcessSpan, ServiceSpan, SessionSpan } from "./spans.ts";
import { stoppedServices } from "./summary.ts";
import { comMethod } from "./to-timeline.ts";

/** The style of a bar. */
export type BarLook =
  | "session"
  | "process"
  | "lost"
  | "call"
  | "check"
  | "running"
  | "moving"
  | "stopped"
  | "left-stopped"
  | "failed";

/** A time span in a lane. */
export interface Bar {
  readonly startMs: number;
  readonly endMs: number;
  readonly look: BarLook;
  /** The text on or beside the bar, if there is space. */
  readonly label: string;
  /** The tooltip. */
  readonly title: string;
}

/** A point in time in a lane. */
export interface Mark {
  readonly atMs: number;
  readonly level: "info" | "warn" | "error";
  readonly title: string;
}

/** A row of the drawing. */
export interface Lane {
  readonly label: string;
  readonly bars: readonly Bar[];
  readonly marks: readonly Mark[];
}

// More would be unreadable; the table lists them all.
const MAX_COMPONENTS = 30;
const MAX_BARS = 400;
const MAX_MARKS = 200;

function title(...lines: readonly (string | undefined)[]): string {
  return lines.filter((line) => line !== undefined && line !== "").join("\n");
}

function processLane(process: ProcessSpan, latestMs: number): Lane {
  const { pid, role, startMs, endMs, lastMs, isLost } = process;
  const name = `${role} ${pid}`;
  const barEndMs = endMs ?? (isLost ? lastMs : latestMs);
  const span = { startMs, endMs: barEndMs };
  const bar: Bar = isLost
    ? { ...span, look: "lost", label: "killed or crashed", title: title(name, "killed or crashed") }
    : { ...span, look: "process", label: "", title: title(name, showDuration(barEndMs - startMs)) };
  return { label: name, bars: [bar], marks: [] };
}

function sessionLane(session: SessionSpan | undefined, latestMs: number): readonly Lane[] {
  if (session === undefined) return [];
  const { startMs, endMs = latestMs, outcome = "open" } = session;
  const label = session.sessionId === undefined ? "restore" : "restore session";
  const text = outcome === "keptStopped" ? "kept stopped" : outcome;
  const bar = { startMs, endMs, look: "session", label: text, title: `${label}: ${text}` } as const;
  return [{ label, bars: [bar], marks: [] }];
}

function callBar(call: CallSpan, latestMs: number): Bar {
  const { what, method, component, startMs, endMs = latestMs, hresult, text, failed } = call;
  const name = what === "call" ? comMethod(method) : "check";
  return {
    startMs,
    endMs,
    look: failed ? "failed" : what,
    label: name,
    title: title(
      `${name} ${component ?? ""}`.trim(),
      call.endMs === undefined ? undefined : showDuration(endMs - startMs),
      hresult === undefined ? undefined : nameHresult(hresult),
      text,
    ),
  };
}

/**
 * Returns a lane for each component, which shows its calls before and after the restore of its
 * files.
 */
function callLanes(calls: readonly CallSpan[], latestMs: number): readonly Lane[] {
  const byComponent = new Map<string, CallSpan[]>();
  for (const call of calls) {
    const key = call.component ?? "";
    const own = byComponent.get(key);
    if (own === undefined) byComponent.set(key, [call]);
    else own.push(call);
  }
  const all = [...byComponent];
  // If not all components fit, those with a failure come first.
  const hasFailed = ([, own]: (typeof all)[number]): boolean => own.some(({ failed }) => failed);
  const kept = new Set([...all.filter(hasFailed), ...all].slice(0, MAX_COMPONENTS));
  const lanes = all
    .filter((one) => kept.has(one))
    .map(([component, own]) => ({
      label: component === "" ? "calls" : component,
      // A check that continues after its call is drawn below the call.
      bars: own
        .toSorted((a, b) => (a.what === b.what ? 0 : a.what === "check" ? -1 : 1))
        .slice(0, MAX_BARS)
        .map((call) => callBar(call, latestMs)),
      marks: [],
    }));
  const left = all.length - lanes.length;
  if (left <= 0) return lanes;
  return [...lanes, { label: `and ${left} more components`, bars: [], marks: [] }];
}

/** A builder of a service's bars, from left to right. */
class ServiceBars {
  readonly bars: Bar[] = [];
  readonly #service: string;
  #atMs: number;

  constructor(service: string, startMs: number) {
    this.#service = service;
    this.#atMs = startMs;
  }

  /** Adds a state from the end of the previous state until `untilMs`. */
  add(untilMs: number, look: BarLook, label: string, text?: string): void {
    const startMs = this.#atMs;
    // A failure is drawn even if it took no time.
    if (untilMs < startMs || (untilMs === startMs && look !== "failed")) return;
    this.#atMs = untilMs;
    // Nobody knows how long a service stays stopped after the last event.
    const took = look === "left-stopped" ? undefined : showDuration(untilMs - startMs);
    this.bars.push({
      startMs,
      endMs: untilMs,
      look,
      // A running service is the normal state and needs no label.
      label: look === "running" ? "" : label,
      title: title(`${this.#service}: ${label}`, took, text),
    });
  }

  addState(untilMs: number, state: "running" | "stopped"): void {
    this.add(untilMs, state, state);
  }
}

function changeOf(
  wanted: ServiceSpan["wanted"],
  failed: boolean,
): { readonly look: BarLook; readonly label: string } {
  const verb = wanted === "STOPPED" ? "stop" : "start";
  if (failed) return { look: "failed", label: `did not ${verb}` };
  return { look: "moving", label: wanted === "STOPPED" ? "stopping" : "starting" };
}

/** Returns the lane of a service with its states. */
function serviceLane(
  service: string,
  spans: readonly ServiceSpan[],
  { startMs, endMs: latestMs, session }: History,
): Lane {
  const states = new ServiceBars(service, startMs);
  let state: "running" | "stopped" = spans[0]?.wanted === "STOPPED" ? "running" : "stopped";
  for (const { startMs: fromMs, endMs = latestMs, wanted, failed, text, role } of spans) {
    states.addState(fromMs, state);
    const by = role === "server" ? undefined : `by ${role}`;
    const { look, label } = changeOf(wanted, failed);
    states.add(endMs, look, label, title(by, text));
    if (!failed) state = wanted === "RUNNING" ? "running" : "stopped";
  }
  const isOver = session?.endMs !== undefined;
  const isLeft =
    session?.leftStopped.includes(service) === true ||
    (isOver && stoppedServices(spans).includes(service));
  if (isLeft) states.add(latestMs, "left-stopped", "left stopped");
  else states.addState(latestMs, state);
  return { label: service, bars: states.bars, marks: [] };
}

function serviceLanes(history: History): readonly Lane[] {
  const byService = new Map<string, ServiceSpan[]>();
  for (const span of history.services) {
    const own = byService.get(span.service);
    if (own === undefined) byService.set(span.service, [span]);
    else own.push(span);
  }
  return [...byService].map(([service, spans]) => serviceLane(service, spans, history));
}

function noteLane(notes: readonly Note[]): readonly Lane[] {
  if (notes.length === 0) return [];
  const important = notes.filter(({ level }) => level !== "info");
  const kept = [...new Set([...important, ...notes])].slice(0, MAX_MARKS);
  const marks = kept.map(({ atMs, level, text, method, component }) => ({
    atMs,
    level,
    title: title(
      method === undefined ? undefined : `${comMethod(method)} ${component ?? ""}`,
      text,
    ),
  }));
  return [{ label: "messages", bars: [], marks }];
}

/** Returns the lanes of a drawing from top to bottom. */
export function lanesOf(history: History): readonly Lane[] {
  const { processes, calls, notes, endMs } = history;
  return [
    ...sessionLane(history.session, endMs),
    ...processes.map((process) => processLane(process, endMs)),
    ...noteLane(notes),
    ...callLanes(calls, endMs),
    ...serviceLanes(history),
  ];
}
