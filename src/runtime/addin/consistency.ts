import { WsbError, errorText } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { readLater } from "../metadata/parse.ts";
import type { Log } from "../../base/log.ts";
import type { NativeBinding, NativeCall, NativeServer } from "../native/binding.ts";
import { createCheckerRunner } from "./checker.ts";
import type {
  CheckConsistencyHandler,
  ConsistencyContext,
  HandlerContext,
  VolumePair,
} from "./define-addin.ts";
import { rejectOnAbort, timeoutError } from "./limit.ts";
import { ProgressLog } from "./progress.ts";
import { failureHresult, failureReply } from "./reply.ts";

/** The COM call that starts a check. */
export type ConsistencyCall = Extract<NativeCall, { readonly method: "checkConsistency" }>;

type Answering = Pick<NativeServer, "answer" | "finishOperation">;

export interface ConsistencyChecksOptions {
  /** Absent in an add-in without one, which COM never asks for a check. */
  readonly handler: CheckConsistencyHandler | undefined;
  /** How long a check may run, in milliseconds. */
  readonly limitMs: number;
  readonly contextOf: (signal: AbortSignal) => HandlerContext;
  readonly startProcess: NativeBinding["startProcess"];
  readonly log: Log;
}

/** The consistency checks of one served add-in. */
export interface ConsistencyChecks {
  /**
   * Starts a check and answers the call at once; the check ends the operation later. Settles when
   * the handler is done and never rejects.
   */
  start(id: number, call: ConsistencyCall, server: Answering): Promise<void>;
  /** Aborts the check that the call `id` started; unknown ids are none of its business. */
  abort(id: number, reason: Error): void;
}

const method = "checkConsistency";

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
  const { handler, limitMs, contextOf, startProcess, log } = options;
  const running = new Map<number, AbortController>();

  /** Calls the handler, which says at once whether there is a check. */
  const begin = (
    call: ConsistencyCall,
    signal: AbortSignal,
    additions: Omit<ConsistencyContext, keyof HandlerContext>,
  ): Promise<void> | null => {
    const { componentName, logicalPath, writerMetadata } = call;
    const metadata = readLater(writerMetadata);
    const volumes = pairVolumes(call);
    const request = { componentName, logicalPath, writerMetadata, metadata, volumes };
    const check: unknown = handler?.(request, Object.assign(contextOf(signal), additions));
    if (check === null || check instanceof Promise) return check;
    throw new WsbError("ERR_WSB_HANDLER", "checkConsistency must return a Promise or null.");
  };

  /** Waits for the end of a check, or for its abort, and returns its HRESULT. */
  const outcomeOf = async (check: Promise<void>, signal: AbortSignal): Promise<number> => {
    try {
      await (signal.aborted ? check : Promise.race([check, rejectOnAbort(signal)]));
      // A handler may end in good order because it was aborted, with its check undone.
      signal.throwIfAborted();
      return HRESULT.S_OK;
    } catch (error) {
      log("error", `${method} failed: ${errorText(error)}`);
      return failureHresult(method, error);
    }
  };

  return {
    async start(id, call, server) {
      const controller = new AbortController();
      const { signal } = controller;
      // A checker that the handler has not waited for must not outlive the check.
      const end = new AbortController();
      const name = call.componentName ?? "a component without a name";
      const info = (message: string): void => log("info", `${method}: ${name}: ${message}`);
      const progress = new ProgressLog(info);
      const runChecker = createCheckerRunner({
        startProcess,
        signal: AbortSignal.any([signal, end.signal]),
        log: { info },
      });
      const finish = (): void => {
        progress.end();
        end.abort(new DOMException("The check has ended.", "AbortError"));
      };
      let check: Promise<void> | null;
      try {
        const report = (update: number | string): void => progress.report(update);
        check = begin(call, signal, { progress: report, runChecker });
      } catch (error) {
        finish();
        log("error", `${method} failed: ${errorText(error)}`);
        server.answer(id, failureReply(method, error));
        return;
      }
      const startsOperation = check !== null;
      const waited = server.answer(id, { hresult: HRESULT.S_OK, startsOperation });
      if (check === null) {
        finish();
        return;
      }
      if (!waited) controller.abort(new DOMException("Nobody waits for this check.", "AbortError"));
      const timer = setTimeout(() => controller.abort(timeoutError(method, limitMs)), limitMs);
      running.set(id, controller);
      const hresult = await outcomeOf(check, signal);
      finish();
      server.finishOperation(id, hresult);
      await check.catch(() => {});
      clearTimeout(timer);
      running.delete(id);
    },
    abort(id, reason) {
      running.get(id)?.abort(reason);
    },
  };
}
