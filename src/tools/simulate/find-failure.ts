import type { EventLine, Failure } from "../../runtime/events/definitions.ts";
import type { FailedCall } from "./steps.ts";

/** The calls to search: those of one client since its start. */
export interface CallsOf {
  readonly clientPid: number;
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
}

function methodOf({ method }: FailedCall): string {
  return `${method.charAt(0).toLowerCase()}${method.slice(1)}`;
}

/**
 * Finds the failure of the handler of a client's latest call of this kind in the add-in's events.
 */
export function findFailure(
  lines: readonly EventLine[],
  call: FailedCall,
  { clientPid, sinceMs }: CallsOf,
): Failure | undefined {
  // A handler that the call runs besides its own, such as beforeServicesStop, fails under its id.
  const calls = new Map<string, EventLine<"callReceived">>();
  let failure: Failure | undefined;
  for (const line of lines) {
    if (Date.parse(line.time) < sinceMs) continue;
    if (line.event === "callReceived" && line.clientPid === clientPid) {
      calls.set(`${line.pid} ${line.id}`, line);
    }
    if (line.event !== "handlerFailed") continue;
    const received = calls.get(`${line.pid} ${line.id}`);
    if (received?.method !== methodOf(call) || received.component !== call.component) continue;
    const { code, text, stack, causes } = line;
    failure = {
      code,
      text,
      ...(stack === undefined ? {} : { stack }),
      ...(causes === undefined ? {} : { causes }),
    };
  }
  return failure;
}
