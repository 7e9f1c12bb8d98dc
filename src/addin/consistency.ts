import { WsbError, errorText } from "../errors.ts";
import { HRESULT } from "../hresult.ts";
import type { Log } from "../log.ts";
import type { NativeCall, NativeServer } from "../native/binding.ts";
import type { CheckConsistencyHandler, HandlerContext, VolumePair } from "./define-addin.ts";
import { rejectOnAbort, timeoutError } from "./limit.ts";
import { failureHresult, failureReply } from "./reply.ts";

/** The COM call that starts a check. */
export type ConsistencyCall = Extract<NativeCall, { readonly method: "checkConsistency" }>;

export interface ConsistencyChecksOptions {
  /** Absent in an add-in without one, which COM never asks for a check. */
  readonly handler: CheckConsistencyHandler | undefined;
  /** How long a check may run, in milliseconds. */
  readonly limitMs: number;
  readonly contextOf: (signal: AbortSignal) => HandlerContext;
  readonly log: Log;
}

/** The consistency checks of one served add-in. */
export interface ConsistencyChecks {
  /**
   * Starts a check and answers the call at once; the check ends the operation later. Settles when
   * the handler is done and never rejects.
   */
  start(
    id: number,
    call: ConsistencyCall,
    server: Pick<NativeServer, "answer" | "finishOperation">,
  ): Promise<void>;
  /** Aborts the check that the call `id` started; unknown ids are none of its business. */
  abort(id: number, reason: Error): void;
}

function pairVolumes({
  sourceVolumePaths,
  snapshotVolumePaths,
}: ConsistencyCall): readonly VolumePair[] {
  const count = Math.max(sourceVolumePaths?.length ?? 0, snapshotVolumePaths?.length ?? 0);
  return Array.from({ length: count }, (_, index) => ({
    source: sourceVolumePaths?.[index] ?? null,
    snapshot: snapshotVolumePaths?.[index] ?? null,
  }));
}

/** Makes the keeper of one add-in's checks. */
export function createConsistencyChecks(options: ConsistencyChecksOptions): ConsistencyChecks {
  const { handler, limitMs, contextOf, log } = options;
  const method = "checkConsistency";
  const running = new Map<number, AbortController>();
  return {
    async start(id, call, server) {
      const controller = new AbortController();
      const { signal } = controller;
      let check: Promise<void> | null;
      try {
        const { componentName, logicalPath, writerMetadata } = call;
        const request = { componentName, logicalPath, writerMetadata, volumes: pairVolumes(call) };
        const started: unknown = handler?.(request, contextOf(signal));
        if (started !== null && !(started instanceof Promise)) {
          throw new WsbError("ERR_WSB_HANDLER", "checkConsistency must return a Promise or null.");
        }
        check = started;
      } catch (error) {
        log("error", `${method} failed: ${errorText(error)}`);
        server.answer(id, failureReply(method, error));
        return;
      }
      const startsOperation = check !== null;
      const waited = server.answer(id, { hresult: HRESULT.S_OK, startsOperation });
      if (check === null) return;
      if (!waited) controller.abort(new DOMException("Nobody waits for this check.", "AbortError"));
      const timer = setTimeout(() => controller.abort(timeoutError(method, limitMs)), limitMs);
      running.set(id, controller);
      try {
        await (signal.aborted ? check : Promise.race([check, rejectOnAbort(signal)]));
        // A handler may end in good order because it was aborted, with its check undone.
        signal.throwIfAborted();
        server.finishOperation(id, HRESULT.S_OK);
      } catch (error) {
        log("error", `${method} failed: ${errorText(error)}`);
        server.finishOperation(id, failureHresult(method, error));
      }
      await check.catch(() => {});
      clearTimeout(timer);
      running.delete(id);
    },
    abort(id, reason) {
      running.get(id)?.abort(reason);
    },
  };
}
