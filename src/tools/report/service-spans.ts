import type { EventLine } from "../../runtime/events/definitions.ts";
import { timeOf } from "../../runtime/events/line.ts";
import type { ServiceSpan } from "./spans.ts";

type Began = EventLine<"serviceStopping" | "serviceStarting">;
type Ended = EventLine<"serviceStopped" | "serviceStarted">;

/** A collector that joins the events of each service. */
export class ServiceSpans {
  readonly spans: ServiceSpan[] = [];
  readonly #waiting = new Map<string, Began>();

  began(line: Began): void {
    this.#waiting.set(line.service, line);
  }

  ended(line: Ended): void {
    const began = this.#take(line.service);
    const startMs = began === undefined ? timeOf(line) - line.durationMs : timeOf(began);
    this.spans.push({
      service: line.service,
      wanted: line.event === "serviceStopped" ? "STOPPED" : "RUNNING",
      role: line.role,
      startMs,
      endMs: startMs + line.durationMs,
      failed: false,
      isInterrupted: false,
    });
  }

  failed(line: EventLine<"serviceFailed">): void {
    const began = this.#take(line.service);
    const { service, wanted, role, text } = line;
    const endMs = timeOf(line);
    const startMs = began === undefined ? endMs : timeOf(began);
    const failed = { failed: true, isInterrupted: false };
    this.spans.push({ service, wanted, role, startMs, endMs, text, ...failed });
  }

  /** Ends the spans that have no end event; see {@link CallSpans.end}. */
  end(overAt: (line: EventLine) => number | undefined): void {
    for (const line of this.#waiting.values()) {
      const overMs = overAt(line);
      const isInterrupted = overMs !== undefined;
      this.spans.push({
        service: line.service,
        wanted: line.event === "serviceStopping" ? "STOPPED" : "RUNNING",
        role: line.role,
        startMs: timeOf(line),
        ...(overMs === undefined ? {} : { endMs: overMs }),
        text: isInterrupted ? "no result: the process ended" : "no result yet",
        failed: isInterrupted,
        isInterrupted,
      });
    }
  }

  #take(service: string): Began | undefined {
    const began = this.#waiting.get(service);
    this.#waiting.delete(service);
    return began;
  }
}
