import { nameHresult } from "../../base/hresult.ts";
import { shorten } from "../../base/error-chain.ts";
import type { CallSpan, History, Note, ProcessSpan, ServiceSpan } from "./spans.ts";
import { shortenName } from "./shorten-name.ts";
import { comMethod } from "./to-timeline.ts";

/** A failure of a run; several events may have recorded it. */
interface Failed {
  readonly kind: "call" | "service" | "message" | "process";
  readonly atMs: number;
  /** What failed, without the component: `PreRestore`. */
  readonly what: string;
  readonly component?: string;
  /** Why, in a sentence; `""` if nobody said it. */
  readonly text: string;
}

// More would hide what a person must do.
const MAX_NAMES = 2;
const MAX_TEXT = 240;

function failedCall(call: CallSpan): Failed {
  const { what, method, component, startMs, hresult, text, isInterrupted } = call;
  const reason = isInterrupted ? "the process ended before it answered" : text;
  return {
    kind: "call",
    atMs: startMs,
    what: what === "call" ? comMethod(method) : "Consistency check",
    ...(component === undefined ? {} : { component }),
    text: reason ?? (hresult === undefined ? "" : nameHresult(hresult)),
  };
}

function failedService({ service, wanted, startMs, text = "" }: ServiceSpan): Failed {
  const verb = wanted === "STOPPED" ? "stop" : "start";
  const isNamed = text.toLowerCase().includes(`service ${service}`.toLowerCase());
  const what = isNamed ? "" : `Service ${service} did not ${verb}`;
  return { kind: "service", atMs: startMs, what, text };
}

function failedNote({ atMs, method, component, text }: Note): Failed {
  const what = method === undefined ? "" : `Handler ${method}`;
  const of = component === undefined ? {} : { component };
  return { kind: "message", atMs, what, ...of, text };
}

function lostProcess({ role, pid, lastMs }: ProcessSpan): Failed {
  const what = `The ${role} (process ${pid}) was killed or crashed`;
  return { kind: "process", atMs: lastMs, what, text: "" };
}

/** Tells whether a process was lost in a call or in the change of a service, which says so. */
function isToldByStep({ calls, services }: History, { startMs, lastMs }: ProcessSpan): boolean {
  return [...calls, ...services].some(
    (step) => step.isInterrupted && step.startMs >= startMs && step.startMs <= lastMs,
  );
}

/** Returns those failures that are not the reason of another one, whose text would contain theirs. */
function without(failures: readonly Failed[], others: readonly Failed[]): readonly Failed[] {
  // One text to search: there may be thousands of both.
  const told = others.map(({ text }) => text).join("\n");
  return failures.filter(({ text }) => text === "" || !told.includes(text));
}

/**
 * Returns the failures of a run in the order of their times, each of them once: a service that does
 * not stop fails the call that stops it, and a process that ends fails its calls.
 */
export function failuresOf(history: History): readonly Failed[] {
  const calls = history.calls.filter(({ failed }) => failed).map(failedCall);
  const services = history.services.filter(({ failed }) => failed).map(failedService);
  const ownServices = without(services, calls);
  const notes = history.notes.filter(({ level }) => level === "error").map(failedNote);
  const ownNotes = without(notes, [...calls, ...ownServices]);
  const processes = history.processes
    .filter((process) => process.isLost && !isToldByStep(history, process))
    .map(lostProcess);
  return [...calls, ...ownServices, ...ownNotes, ...processes].toSorted((a, b) => a.atMs - b.atMs);
}

/** Lists names in a sentence: `A, B and 298 more`. */
export function listNames(names: readonly string[]): string {
  const shown = names.slice(0, MAX_NAMES).map(shortenName).join(", ");
  const left = names.length - MAX_NAMES;
  return left > 0 ? `${shown} and ${left} more` : shown;
}

function sentenceOf({ kind, what, text }: Failed, components: readonly string[]): string {
  const of = components.length === 0 ? "" : ` of ${listNames(components)}`;
  const line = shorten(text.replaceAll(/\s+/gu, " ").trim(), MAX_TEXT);
  const sentence = joinWhat({ kind, what: `${what}${of}`, text: line });
  return /[.!?…]$/u.test(sentence) ? sentence : `${sentence}.`;
}

function joinWhat({ kind, what, text }: Pick<Failed, "kind" | "what" | "text">): string {
  if (what === "") return text;
  const verb = kind === "call" || kind === "message" ? `${what} failed` : what;
  return text === "" ? verb : `${verb}: ${text}`;
}

/** Says failures in sentences; those that differ only in their component share one. */
export function failureSentences(failures: readonly Failed[]): readonly string[] {
  const alike = new Map<string, { readonly first: Failed; readonly components: Set<string> }>();
  for (const failed of failures) {
    const { kind, what, component, text } = failed;
    const key = JSON.stringify([kind, what, text]);
    const group = alike.get(key) ?? { first: failed, components: new Set<string>() };
    alike.set(key, group);
    if (component !== undefined) group.components.add(component);
  }
  return Array.from(alike.values(), ({ first, components }) => sentenceOf(first, [...components]));
}
