import { machineClock, type Clock } from "../../base/clock.ts";
import { WsbError, errorText, nativeFailure, windowsError } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import type {
  NativeBinding,
  ServiceStartType,
  ServiceState,
  ServiceStatus,
} from "../native/binding.ts";
import type { Signal } from "../../base/platform-types.ts";
import type { Emit } from "../events/emit.ts";
import { stopOrder } from "./service-order.ts";

/** The part of the shim that service control needs. */
export type ServiceApi = Pick<
  NativeBinding,
  | "queryService"
  | "queryServiceStartType"
  | "listServiceDependencies"
  | "requestServiceStop"
  | "requestServiceStart"
>;

/** A service that a session will stop. */
export interface RunningService {
  readonly name: string;
  readonly state: ServiceState;
  readonly startType: ServiceStartType;
  readonly isDependent: boolean;
}

/** Stops services before a restore and starts exactly those again. */
export interface ServiceControl {
  /**
   * Lists `names` and what depends on them in the order to stop them, without those that are
   * stopped. One in `STOP_PENDING` is being stopped by somebody else: it must be waited for, and
   * is not the kit's to start again.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` for a name that the machine does not know.
   */
  listRunning(names: readonly string[]): Promise<readonly RunningService[]>;
  /**
   * Stops one service and waits for it to be STOPPED; one that is stopped already is fine.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names the service and its state.
   */
  stop(name: string, signal: Signal): Promise<void>;
  /**
   * Starts one service and waits for it to be RUNNING; one that runs already is fine.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names the service and its state.
   */
  start(name: string, signal?: Signal): Promise<void>;
}

export interface ServiceControlOptions {
  readonly api: ServiceApi;
  /** Longest wait for one service to reach the state asked for, retries included. */
  readonly serviceTimeoutMs: number;
  readonly emit: Emit;
  /** @defaultValue this machine's */
  readonly clock?: Clock;
}

// How often the service control manager is asked while a service is on its way. It offers no
// notification that a Wine lab and every Windows Server share. Most services take a few milliseconds,
// and some take minutes.
const FIRST_POLL_MS = 5;
const LAST_POLL_MS = 50;

const FIRST_BACKOFF_MS = 250;

// Failures that pass by themselves: of the manager, and of a service that is between two states.
const transient = new Set([
  0x8007041b, // ERROR_DEPENDENT_SERVICES_RUNNING: one of them is about to have stopped
  0x8007041d, // ERROR_SERVICE_REQUEST_TIMEOUT
  0x8007041f, // ERROR_SERVICE_DATABASE_LOCKED
  0x80070425, // ERROR_SERVICE_CANNOT_ACCEPT_CTRL
  0x8007042c, // ERROR_SERVICE_DEPENDENCY_FAIL: the other one may be on its way
  0x800706ba, // RPC_S_SERVER_UNAVAILABLE
  0x800706bb, // RPC_S_SERVER_TOO_BUSY
]);

// Starts that end STOPPED: a service may have come before what it needs.
const FAILED_STARTS = 3;

/** A service that reached a state from which the wanted one does not follow. */
class LostService extends WsbError {}

function isTransient(error: unknown): boolean {
  const failure = nativeFailure(error);
  return failure !== undefined && transient.has(failure.hresult);
}

/** Service control on the service control manager of this machine. */
export function createServiceControl(options: ServiceControlOptions): ServiceControl {
  const { api, serviceTimeoutMs, emit, clock = machineClock } = options;

  const query = async (name: string): Promise<ServiceStatus> => {
    const status = await api.queryService(name);
    if (status === null) {
      throw new WsbError(
        "ERR_WSB_SERVICE",
        `Service ${name} does not exist. Install it, or correct services in the manifest and build again.`,
        { hresult: HRESULT.ERROR_SERVICE_DOES_NOT_EXIST },
      );
    }
    return status;
  };

  /** Polls until `wanted`; `lost` is a state that `wanted` cannot follow. */
  const waitFor = async (
    name: string,
    wanted: ServiceState,
    lost: ServiceState | undefined,
    deadline: number,
    signal: Signal | undefined,
  ): Promise<void> => {
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, LAST_POLL_MS)) {
      const status = await query(name);
      if (status.state === wanted) return;
      if (status.state === lost) {
        throw new LostService(
          "ERR_WSB_SERVICE",
          `Service ${name} is ${status.state} where ${wanted} was asked for (exit code ${status.exitCode}). See the service's own log and the system event log.`,
          { hresult: HRESULT.E_FAIL },
        );
      }
      if (clock.now() >= deadline) {
        throw new WsbError(
          "ERR_WSB_SERVICE",
          `Service ${name} is still ${status.state} after ${serviceTimeoutMs} ms, and ${wanted} was asked for. See the service's own log and the system event log.`,
          { hresult: HRESULT.ERROR_SERVICE_REQUEST_TIMEOUT },
        );
      }
      await clock.wait(pollMs, signal);
    }
  };

  /** Tries again, with growing pauses, what failed in a way that passes by itself. */
  const withRetries = async (
    deadline: number,
    signal: Signal | undefined,
    attempt: () => Promise<void>,
  ): Promise<void> => {
    let failedStarts = 0;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs *= 2) {
      try {
        await attempt();
        return;
      } catch (error) {
        if (error instanceof LostService) failedStarts += 1;
        const mayPass = isTransient(error) || (failedStarts > 0 && failedStarts < FAILED_STARTS);
        if (!mayPass || clock.now() + backoffMs >= deadline) throw error;
        emit({ event: "message", level: "warn", text: `Trying again: ${errorText(error)}` });
      }
      await clock.wait(backoffMs, signal);
    }
  };

  const stateOf = async (name: string): Promise<ServiceState | "unknown"> => {
    try {
      return (await api.queryService(name))?.state ?? "unknown";
    } catch {
      return "unknown";
    }
  };

  /** Runs a change of one service between its events. */
  const withEvents = async (
    service: string,
    wanted: "STOPPED" | "RUNNING",
    work: (deadline: number) => Promise<void>,
    explain: (error: unknown) => Promise<unknown>,
  ): Promise<void> => {
    const [before, after] =
      wanted === "STOPPED"
        ? (["serviceStopping", "serviceStopped"] as const)
        : (["serviceStarting", "serviceStarted"] as const);
    const startedAt = clock.now();
    emit({ event: before, service });
    try {
      await work(startedAt + serviceTimeoutMs);
    } catch (thrown) {
      const error = await explain(thrown);
      const text = errorText(error);
      emit({ event: "serviceFailed", service, wanted, state: await stateOf(service), text });
      throw error;
    }
    emit({ event: after, service, durationMs: Math.round(clock.now() - startedAt) });
  };

  return {
    async listRunning(names) {
      if (names.length === 0) return [];
      const named = new Set(names.map((name) => name.toUpperCase()));
      const running: RunningService[] = [];
      for (const name of stopOrder(names, await api.listServiceDependencies())) {
        const { state } = await query(name);
        if (state === "STOPPED") continue;
        const startType = await api.queryServiceStartType(name);
        running.push({ name, state, startType, isDependent: !named.has(name.toUpperCase()) });
      }
      return running;
    },
    async stop(name, signal) {
      signal.throwIfAborted();
      await withEvents(
        name,
        "STOPPED",
        (deadline) =>
          withRetries(deadline, signal, async () => {
            const { state } = await query(name);
            // A service that is starting accepts no stop request yet.
            if (state === "START_PENDING") {
              await waitFor(name, "RUNNING", "STOPPED", deadline, signal);
            }
            if (state !== "STOPPED" && state !== "STOP_PENDING") await api.requestServiceStop(name);
            await waitFor(name, "STOPPED", undefined, deadline, signal);
          }),
        async (error) =>
          windowsError(
            `Cannot stop service ${name}`,
            "Check that the service accepts a stop and that no other service needs it.",
            error,
          ),
      );
    },
    async start(name, signal) {
      await withEvents(
        name,
        "RUNNING",
        (deadline) =>
          withRetries(deadline, signal, async () => {
            // Windows starts no service that is still stopping.
            const { state } = await query(name);
            if (state === "STOP_PENDING") {
              await waitFor(name, "STOPPED", undefined, deadline, signal);
            }
            if (state !== "RUNNING") await api.requestServiceStart(name);
            await waitFor(name, "RUNNING", "STOPPED", deadline, signal);
          }),
        async (error) => {
          const next =
            nativeFailure(error)?.hresult === HRESULT.ERROR_SERVICE_DISABLED
              ? `Somebody has disabled it meanwhile. Allow it to start, then run: wsb-addin recover`
              : `Start it by hand: sc.exe start "${name}".`;
          return windowsError(`Cannot start service ${name}`, next, error);
        },
      );
    },
  };
}
