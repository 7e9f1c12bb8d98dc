import { setTimeout as delay } from "node:timers/promises";

import { WsbError, windowsError } from "../errors.ts";
import { HRESULT } from "../hresult.ts";
import type { Log } from "../log.ts";
import type { NativeBinding, ServiceState, ServiceStatus } from "../native/binding.ts";
import { stopOrder } from "./service-order.ts";

/** The part of the shim that service control needs. */
export type ServiceApi = Pick<
  NativeBinding,
  "queryService" | "listServiceDependencies" | "requestServiceStop" | "requestServiceStart"
>;

/** Stops services before a restore and starts exactly those again. */
export interface ServiceControl {
  /**
   * Stops `names` and what depends on them, dependents first, and waits for each to be STOPPED.
   *
   * @param onStop Told each service that was running, just before it is asked to stop.
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names the service and its state.
   */
  stop(
    names: readonly string[],
    onStop: (name: string) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Starts one service and waits for it to be RUNNING; one that runs already is fine.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names the service and its state.
   */
  start(name: string): Promise<void>;
}

export interface ServiceControlOptions {
  readonly api: ServiceApi;
  /** Longest wait for one service to reach the state asked for. */
  readonly serviceTimeoutMs: number;
  readonly log: Log;
}

// How often the service control manager is asked while a service is on its way. It offers no
// notification that a Wine lab and every Windows Server share.
const POLL_MS = 50;

function failure(name: string, what: string, hresult: number): WsbError {
  return new WsbError(
    "ERR_WSB_SERVICE",
    `Service ${name} ${what}. See the service's own log and the system event log.`,
    { hresult },
  );
}

/** Service control on the service control manager of this machine. */
export function createServiceControl(options: ServiceControlOptions): ServiceControl {
  const { api, serviceTimeoutMs, log } = options;

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
    signal: AbortSignal | undefined,
  ): Promise<void> => {
    const deadline = performance.now() + serviceTimeoutMs;
    for (;;) {
      const status = await query(name);
      if (status.state === wanted) return;
      if (status.state === lost) {
        throw failure(
          name,
          `is ${status.state} where ${wanted} was asked for (exit code ${status.exitCode})`,
          HRESULT.E_FAIL,
        );
      }
      if (performance.now() >= deadline) {
        throw failure(
          name,
          `is still ${status.state} after ${serviceTimeoutMs} ms, and ${wanted} was asked for`,
          HRESULT.ERROR_SERVICE_REQUEST_TIMEOUT,
        );
      }
      await delay(POLL_MS, undefined, signal === undefined ? {} : { signal });
    }
  };

  const stopOne = async (
    name: string,
    onStop: (name: string) => void,
    signal: AbortSignal,
  ): Promise<void> => {
    const { state } = await query(name);
    if (state === "STOPPED") return;
    // One that somebody else is stopping is waited for and not ours to start again.
    if (state !== "STOP_PENDING") {
      // A service that is starting accepts no stop request yet.
      if (state === "START_PENDING") await waitFor(name, "RUNNING", "STOPPED", signal);
      onStop(name);
      await api.requestServiceStop(name);
    }
    await waitFor(name, "STOPPED", undefined, signal);
    log("info", `Service ${name} is stopped.`);
  };

  return {
    async stop(names, onStop, signal) {
      if (names.length === 0) return;
      for (const name of stopOrder(names, await api.listServiceDependencies())) {
        signal.throwIfAborted();
        try {
          await stopOne(name, onStop, signal);
        } catch (error) {
          throw windowsError(
            `Cannot stop service ${name}`,
            "Check that the service accepts a stop and that no other service needs it.",
            error,
          );
        }
      }
    },
    async start(name) {
      try {
        // Windows starts no service that is still stopping.
        const { state } = await query(name);
        if (state === "STOP_PENDING") await waitFor(name, "STOPPED", undefined, undefined);
        await api.requestServiceStart(name);
        await waitFor(name, "RUNNING", "STOPPED", undefined);
      } catch (error) {
        throw windowsError(
          `Cannot start service ${name}`,
          `Start it by hand: sc.exe start "${name}".`,
          error,
        );
      }
      log("info", `Service ${name} is running again.`);
    },
  };
}
