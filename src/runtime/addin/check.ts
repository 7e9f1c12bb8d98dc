import { WsbError } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { readLater } from "../metadata/parse.ts";
import type { CheckArguments, NativeBinding } from "../native/binding.ts";
import type { Call } from "./call.ts";
import { createCheckerRunner } from "./checker.ts";
import type {
  CheckConsistencyHandler,
  ConsistencyContext,
  ConsistencyRequest,
  VolumePair,
} from "./define-addin.ts";
import { failureHresult } from "./failure.ts";
import { openContext } from "./handler-context.ts";
import { rejectOnAbort } from "./limit.ts";

export interface CheckOptions {
  /** Absent in an add-in without consistency checks. */
  readonly handler: CheckConsistencyHandler | undefined;
  readonly startProcess: NativeBinding["startProcess"];
}

/**
 * Runs a consistency check: answers its call at once, and finishes the operation when the check
 * ends. Settles when the handler has ended; never rejects.
 */
export async function runCheck(
  call: Call,
  args: CheckArguments,
  options: CheckOptions,
): Promise<void> {
  const tools = openTools(call, args, options);
  const check = beginCheck(call, args, options.handler, tools);
  if (check instanceof Promise) await followCheck(call, check, tools);
  else tools.close();
}

/** The tools of a check's handler while the check runs. */
interface CheckTools {
  readonly context: ConsistencyContext;
  readonly close: () => void;
}

function openTools(
  { signal, emit }: Call,
  { componentName }: CheckArguments,
  { startProcess }: CheckOptions,
): CheckTools {
  const subject = componentName ?? "unnamed component";
  const setting = { handler: "checkConsistency", signal, emit, startProcess, subject } as const;
  const { context, programs, close } = openContext(setting);
  const run = createCheckerRunner(programs());
  return { context: { ...context, run, runChecker: run }, close };
}

/** Calls the handler, which decides at once whether there is a check, and answers the call. */
function beginCheck(
  call: Call,
  args: CheckArguments,
  handler: CheckConsistencyHandler | undefined,
  { context }: CheckTools,
): Promise<void> | null {
  let check: unknown;
  try {
    check = handler?.(consistencyRequest(args), context);
    if (check !== null && !(check instanceof Promise)) {
      throw new WsbError("ERR_WSB_HANDLER", "checkConsistency must return a Promise or null.");
    }
  } catch (error) {
    call.answer(call.fail(error));
    return null;
  }
  // With S_OK, the caller might use the pointer, which is NULL without a check.
  const hresult = check === null ? HRESULT.S_FALSE : HRESULT.S_OK;
  const waited = call.answer({ hresult, startsOperation: check !== null });
  if (!waited)
    call.abort(new DOMException("The caller no longer waits for this check.", "AbortError"));
  return check;
}

/** Waits until a check ends or is aborted, and reports the result. */
async function followCheck(call: Call, check: Promise<void>, tools: CheckTools): Promise<void> {
  const stopLimit = call.startLimit();
  const hresult = await outcomeOf(call, check);
  tools.close();
  call.finishCheck(hresult);
  await check.catch(() => {});
  stopLimit();
}

async function outcomeOf(call: Call, check: Promise<void>): Promise<number> {
  const { signal } = call;
  try {
    await (signal.aborted ? check : Promise.race([check, rejectOnAbort(signal)]));
    // An aborted handler may resolve although its check is incomplete.
    signal.throwIfAborted();
    return HRESULT.S_OK;
  } catch (error) {
    call.fail(error);
    return failureHresult(call.method, error);
  }
}

function consistencyRequest(args: CheckArguments): ConsistencyRequest {
  const { componentName, logicalPath, writerMetadata } = args;
  const metadata = readLater(writerMetadata);
  return { componentName, logicalPath, writerMetadata, metadata, volumes: pairVolumes(args) };
}

function pairVolumes({
  sourceVolumePaths,
  snapshotVolumePaths,
}: CheckArguments): readonly VolumePair[] {
  const count = Math.max(sourceVolumePaths?.length ?? 0, snapshotVolumePaths?.length ?? 0);
  return Array.from({ length: count }, (_, index) => ({
    source: sourceVolumePaths?.[index] ?? null,
    snapshot: snapshotVolumePaths?.[index] ?? null,
  }));
}
