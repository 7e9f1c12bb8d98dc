import { showComponent } from "../../base/component.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { isFailure } from "../../base/hresult.ts";
import type { NativeCall } from "../native/binding.ts";
import type { RecordEvent, RecordedCall } from "../events/event.ts";
import type { Answering, CallEvent } from "./dispatch.ts";
import { failureHresult } from "./reply.ts";

/** Puts an event on record; never throws, and waits for nothing but the disk. */
export type RecordCall = (event: RecordEvent) => void;

function recordedCall(id: number, call: NativeCall): RecordedCall {
  const component = "componentName" in call ? showComponent(call) : "";
  return { id, method: call.method, ...(component === "" ? {} : { component }) };
}

/**
 * Puts a call on record, and answers it as `server` does, with the answers on record too.
 *
 * @param record Gets a call's beginning now, its answer and its check's end when they come.
 */
export function onRecord(event: CallEvent, server: Answering, record: RecordCall): Answering {
  const call = recordedCall(event.id, event.call);
  const startedAt = performance.now();
  const durationMs = (): number => Math.round(performance.now() - startedAt);
  const { clientPid } = event;
  record({ event: "callReceived", ...call, ...(clientPid === 0 ? {} : { clientPid }) });
  return {
    answer(id, reply) {
      const { hresult, description } = reply;
      const failed = isFailure(hresult) && description !== undefined ? { description } : {};
      record({ event: "callAnswered", ...call, durationMs: durationMs(), hresult, ...failed });
      return server.answer(id, reply);
    },
    finishOperation(id, hresult) {
      record({ event: "checkFinished", ...call, durationMs: durationMs(), hresult });
      return server.finishOperation(id, hresult);
    },
  };
}

function codeOf(error: unknown): string {
  if (error instanceof WsbError) return error.code;
  return error instanceof Error && error.name !== "" ? error.name : typeof error;
}

/** Puts on record that the handler of a call, or what the kit does around it, has failed. */
export function recordFailure(
  { id, call }: Pick<CallEvent, "id" | "call">,
  error: unknown,
  record: RecordCall,
): void {
  record({
    event: "handlerFailed",
    ...recordedCall(id, call),
    code: codeOf(error),
    hresult: failureHresult(call.method, error),
    text: errorText(error),
  });
}
