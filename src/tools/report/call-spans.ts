import { isFailure } from "../../base/hresult.ts";
import type { EventLine, Failure } from "../../runtime/events/definitions.ts";
import { timeOf } from "../../runtime/events/line.ts";
import type { CallSpan, Note } from "./spans.ts";

function callKey({ pid, id }: EventLine & { readonly id?: number }): string {
  return `${pid} ${id}`;
}

function named<Method>({
  method,
  component,
}: {
  readonly method: Method;
  readonly component?: string;
}): { readonly method: Method; readonly component?: string } {
  return component === undefined ? { method } : { method, component };
}

/** Returns the note for a failure that belongs to no call. */
export function failureNote(line: EventLine<"handlerFailed">): Note {
  const { role, text, hresult } = line;
  const failure = failureOf(line);
  return { atMs: timeOf(line), level: "error", role, text, hresult, failure, ...named(line) };
}

/** Returns the failure that an event tells of. */
export function failureOf({ code, text, stack, causes }: Failure): Failure {
  return {
    code,
    text,
    ...(stack === undefined ? {} : { stack }),
    ...(causes === undefined ? {} : { causes }),
  };
}

/** A collector that joins the events of each call. */
export class CallSpans {
  readonly spans: CallSpan[] = [];
  readonly #waiting = new Map<string, EventLine<"callReceived" | "writerCalled">>();
  readonly #failures = new Map<string, EventLine<"handlerFailed">>();

  received(line: EventLine<"callReceived" | "writerCalled">): void {
    this.#waiting.set(callKey(line), line);
  }

  failed(line: EventLine<"handlerFailed">): void {
    this.#failures.set(callKey(line), line);
  }

  /** Ends a call. A failed handler's text becomes the call's unless the call has its own. */
  ended(line: EventLine<"callAnswered" | "writerAnswered" | "checkFinished">): void {
    const key = callKey(line);
    const { hresult } = line;
    const failed = isFailure(hresult);
    const isCall = line.event !== "checkFinished";
    const received = isCall ? this.#waiting.get(key) : undefined;
    const failure = failed ? this.#failures.get(key) : undefined;
    if (isCall) this.#waiting.delete(key);
    if (failed) this.#failures.delete(key);
    const startMs = received === undefined ? timeOf(line) - line.durationMs : timeOf(received);
    const text = (isCall ? line.description : undefined) ?? failure?.text;
    this.spans.push({
      what: isCall ? "call" : "check",
      ...named(line),
      startMs,
      endMs: startMs + line.durationMs,
      hresult,
      ...(text === undefined ? {} : { text }),
      failed,
      isInterrupted: false,
      ...(failure === undefined ? {} : { failure: failureOf(failure) }),
    });
  }

  /**
   * Ends the calls that have no end event.
   *
   * @param overAt Returns the time of the last event of a line's process, if the process has ended.
   * @returns Failures of handlers whose call had already been answered otherwise.
   */
  end(overAt: (line: EventLine) => number | undefined): readonly Note[] {
    for (const line of this.#waiting.values()) {
      const overMs = overAt(line);
      const isInterrupted = overMs !== undefined;
      this.spans.push({
        what: "call",
        ...named(line),
        startMs: timeOf(line),
        ...(overMs === undefined ? {} : { endMs: overMs }),
        text: isInterrupted ? "no answer: the process ended" : "no answer yet",
        failed: isInterrupted,
        isInterrupted,
      });
    }
    return Array.from(this.#failures.values(), failureNote);
  }
}
