import type { Clock } from "../../base/clock.ts";
import { WsbError, errorText, nativeFailure } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import type { Signal } from "../../base/platform-types.ts";
import type { Emit } from "../events/emit.ts";
import type { NativeBinding, ServiceChangeEnd, WantedServiceState } from "../native/binding.ts";

/** A stop or start of one service. */
export interface Change {
  readonly service: string;
  readonly wanted: WantedServiceState;
  /** Longest wait for the state asked for, retries included. */
  readonly timeoutMs: number;
  readonly signal: Signal | undefined;
}

export interface ChangeMachine {
  readonly api: Pick<NativeBinding, "changeService">;
  readonly emit: Emit;
  readonly clock: Clock;
}

const FIRST_BACKOFF_MS = 250;

// Failures that pass: of the manager, and of a service that is between two states.
const transient = new Set<number>([
  HRESULT.ERROR_DEPENDENT_SERVICES_RUNNING, // one of them is about to have stopped
  HRESULT.ERROR_SERVICE_REQUEST_TIMEOUT,
  0x8007041f, // ERROR_SERVICE_DATABASE_LOCKED
  0x80070425, // ERROR_SERVICE_CANNOT_ACCEPT_CTRL
  0x8007042c, // ERROR_SERVICE_DEPENDENCY_FAIL: the other one may be on its way
  HRESULT.RPC_S_SERVER_UNAVAILABLE,
  0x800706bb, // RPC_S_SERVER_TOO_BUSY
]);

// Starts that end STOPPED: a service may have come before what it needs.
const FAILED_STARTS = 3;

/** A service that ended where it was asked to start. */
class LostService extends WsbError {}

function isTransient(error: unknown): boolean {
  const failure = nativeFailure(error);
  return failure !== undefined && transient.has(failure.hresult);
}

/** Turns the end of a change into an error, unless the service is where it was wanted. */
function requireReached({ service, wanted, timeoutMs }: Change, end: ServiceChangeEnd): void {
  const { outcome, state, exitCode } = end;
  if (outcome === "reached") return;
  if (outcome === "lost") {
    throw new LostService(
      "ERR_WSB_SERVICE",
      `Service ${service} is ${state} where ${wanted} was asked for (exit code ${exitCode}). See the service's own log and the system event log.`,
      { hresult: HRESULT.E_FAIL },
    );
  }
  throw new WsbError(
    "ERR_WSB_SERVICE",
    `Service ${service} is still ${state} after ${timeoutMs} ms, and ${wanted} was asked for. See the service's own log and the system event log.`,
    { hresult: HRESULT.ERROR_SERVICE_REQUEST_TIMEOUT },
  );
}

/** Asks once, and waits for the rest of the time. */
async function attempt({ api }: ChangeMachine, change: Change, leftMs: number): Promise<void> {
  const { service, wanted, signal } = change;
  signal?.throwIfAborted();
  const running = api.changeService(service, wanted, Math.max(0, Math.ceil(leftMs)));
  const abort = (): void => running.cancel();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    const end = await running.ended;
    if (end.outcome === "cancelled") signal?.throwIfAborted();
    requireReached(change, end);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

/**
 * Stops or starts a service; tries again, with growing pauses, while what failed may pass.
 *
 * @param explain Called with what failed; it may throw a better error, which is final.
 */
export async function changeService(
  machine: ChangeMachine,
  change: Change,
  explain: (error: unknown) => Promise<void>,
): Promise<void> {
  const { clock, emit } = machine;
  const deadlineMs = clock.now() + change.timeoutMs;
  let failedStarts = 0;
  for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs *= 2) {
    try {
      await attempt(machine, change, deadlineMs - clock.now());
      return;
    } catch (error) {
      await explain(error);
      if (error instanceof LostService) failedStarts += 1;
      const mayPass = isTransient(error) || (failedStarts > 0 && failedStarts < FAILED_STARTS);
      if (!mayPass || clock.now() + backoffMs >= deadlineMs) throw error;
      const text = `Trying again: ${errorText(error)}`;
      emit({ event: "message", level: "warn", text });
    }
    await clock.wait(backoffMs, change.signal);
  }
}
