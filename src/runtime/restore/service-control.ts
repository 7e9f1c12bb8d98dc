import { machineClock, type Clock } from "../../base/clock.ts";
import { WsbError, errorText, nativeFailure, windowsError } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import type { Signal } from "../../base/platform-types.ts";
import type { Emit } from "../events/emit.ts";
import type {
  NativeBinding,
  ServiceStartType,
  ServiceState,
  ServiceStatus,
} from "../native/binding.ts";
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

export interface ServiceControlOptions {
  readonly api: ServiceApi;
  /** Longest wait for one service to reach the state asked for, retries included. */
  readonly serviceTimeoutMs: number;
  readonly emit: Emit;
  /** @defaultValue this machine's */
  readonly clock?: Clock;
}

/** A change of one service: the state asked for, and the events around it. */
interface Change {
  readonly service: string;
  readonly wanted: "STOPPED" | "RUNNING";
  readonly deadline: number;
  readonly signal: Signal | undefined;
}

// How often the service control manager is asked while a service is on its way. Most services take a
// few milliseconds, and some take minutes.
const FIRST_POLL_MS = 5;
const LAST_POLL_MS = 50;

const FIRST_BACKOFF_MS = 250;

// Failures that pass: of the manager, and of a service that is between two states.
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

/** Stops services before a restore and starts exactly those again. */
export class ServiceControl {
  readonly #api: ServiceApi;
  readonly #serviceTimeoutMs: number;
  readonly #emit: Emit;
  readonly #clock: Clock;

  constructor({ api, serviceTimeoutMs, emit, clock = machineClock }: ServiceControlOptions) {
    this.#api = api;
    this.#serviceTimeoutMs = serviceTimeoutMs;
    this.#emit = emit;
    this.#clock = clock;
  }

  /**
   * Lists `names` and what depends on them in the order to stop them, without those that are
   * stopped. One in `STOP_PENDING` is being stopped by somebody else: it must be waited for, and
   * is not the kit's to start again. A service of `names` that does not run becomes an event: it is
   * not started after the restore.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names a service of `names` that does not exist.
   */
  async listRunning(names: readonly string[]): Promise<readonly RunningService[]> {
    if (names.length === 0) return [];
    const named = new Set(names.map((name) => name.toUpperCase()));
    const order = stopOrder(names, await this.#api.listServiceDependencies());
    const running: RunningService[] = [];
    for (const name of order) {
      const isDependent = !named.has(name.toUpperCase());
      const state = isDependent ? await this.#stateOf(name) : (await this.#query(name)).state;
      if (state === "missing") continue;
      if (state === "STOPPED") {
        if (!isDependent) this.#emit({ event: "serviceNotRunning", service: name, state });
        continue;
      }
      const startType = await this.#api.queryServiceStartType(name);
      running.push({ name, state, startType, isDependent });
    }
    return running;
  }

  /** Lists those of `names` that run now, or are on their way, whoever started them. */
  async stillRunning(names: readonly string[]): Promise<readonly RunningService[]> {
    const running: RunningService[] = [];
    for (const name of names) {
      const state = await this.#stateOf(name);
      if (state === "STOPPED" || state === "missing") continue;
      const startType = await this.#api.queryServiceStartType(name);
      running.push({ name, state, startType, isDependent: false });
    }
    return running;
  }

  /**
   * Stops one service and waits for it to be STOPPED; a service that is stopped already is fine, and
   * so is one that does not exist.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names the service and its state.
   */
  async stop(service: string, signal: Signal): Promise<void> {
    signal.throwIfAborted();
    await this.#change(
      { service, wanted: "STOPPED", deadline: this.#deadline(), signal },
      (change) => this.#tryStop(change),
      (error) =>
        windowsError(
          `Cannot stop service ${service}`,
          "Check that the service accepts a stop and that no other service needs it.",
          error,
        ),
    );
  }

  /**
   * Starts one service and waits for it to be RUNNING; a service that runs already is fine.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names the service and its state; its `hresult` is
   * ERROR_SERVICE_DOES_NOT_EXIST or ERROR_SERVICE_MARKED_FOR_DELETE for one that was deleted.
   */
  async start(service: string, signal?: Signal): Promise<void> {
    await this.#change(
      { service, wanted: "RUNNING", deadline: this.#deadline(), signal },
      (change) => this.#tryStart(change),
      (error) =>
        windowsError(`Cannot start service ${service}`, startAdvice(service, error), error),
    );
  }

  #deadline(): number {
    return this.#clock.now() + this.#serviceTimeoutMs;
  }

  async #tryStop(change: Change): Promise<void> {
    const { service } = change;
    const status = await this.#api.queryService(service);
    if (status === null) return;
    // A service that is starting accepts no stop request yet.
    if (status.state === "START_PENDING") {
      await this.#waitFor({ ...change, wanted: "RUNNING" }, "STOPPED");
    }
    if (status.state !== "STOPPED" && status.state !== "STOP_PENDING") {
      await this.#api.requestServiceStop(service);
    }
    await this.#waitFor(change, undefined);
  }

  async #tryStart(change: Change): Promise<void> {
    const { service } = change;
    // Windows starts no service that is still stopping.
    const { state } = await this.#query(service);
    if (state === "STOP_PENDING") {
      await this.#waitFor({ ...change, wanted: "STOPPED" }, undefined);
    }
    if (state !== "RUNNING") await this.#api.requestServiceStart(service);
    await this.#waitFor(change, "STOPPED");
  }

  async #query(name: string): Promise<ServiceStatus> {
    const status = await this.#api.queryService(name);
    if (status !== null) return status;
    throw new WsbError(
      "ERR_WSB_SERVICE",
      `Service ${name} does not exist. Install it, or correct services in the manifest and build again.`,
      { hresult: HRESULT.ERROR_SERVICE_DOES_NOT_EXIST },
    );
  }

  async #stateOf(name: string): Promise<ServiceState | "missing"> {
    return (await this.#api.queryService(name))?.state ?? "missing";
  }

  /** Waits for the wanted state; `lost` is a state from which it cannot follow. */
  async #waitFor(
    { service, wanted, deadline, signal }: Change,
    lost?: ServiceState,
  ): Promise<void> {
    for (let pollMs = FIRST_POLL_MS; ; pollMs = Math.min(2 * pollMs, LAST_POLL_MS)) {
      const { state, exitCode } = await this.#query(service);
      if (state === wanted) return;
      if (state === lost) {
        throw new LostService(
          "ERR_WSB_SERVICE",
          `Service ${service} is ${state} where ${wanted} was asked for (exit code ${exitCode}). See the service's own log and the system event log.`,
          { hresult: HRESULT.E_FAIL },
        );
      }
      if (this.#clock.now() >= deadline) {
        throw new WsbError(
          "ERR_WSB_SERVICE",
          `Service ${service} is still ${state} after ${this.#serviceTimeoutMs} ms, and ${wanted} was asked for. See the service's own log and the system event log.`,
          { hresult: HRESULT.ERROR_SERVICE_REQUEST_TIMEOUT },
        );
      }
      await this.#clock.wait(pollMs, signal);
    }
  }

  /** Tries again, with growing pauses, while what failed may pass. */
  async #withRetries(change: Change, attempt: (change: Change) => Promise<void>): Promise<void> {
    const { deadline, signal } = change;
    let failedStarts = 0;
    for (let backoffMs = FIRST_BACKOFF_MS; ; backoffMs *= 2) {
      try {
        await attempt(change);
        return;
      } catch (error) {
        if (error instanceof LostService) failedStarts += 1;
        const mayPass = isTransient(error) || (failedStarts > 0 && failedStarts < FAILED_STARTS);
        if (!mayPass || this.#clock.now() + backoffMs >= deadline) throw error;
        const text = `Trying again: ${errorText(error)}`;
        this.#emit({ event: "message", level: "warn", text });
      }
      await this.#clock.wait(backoffMs, signal);
    }
  }

  /** Runs a change of one service between its events. */
  async #change(
    change: Change,
    attempt: (change: Change) => Promise<void>,
    explain: (error: unknown) => unknown,
  ): Promise<void> {
    const { service, wanted } = change;
    const isStop = wanted === "STOPPED";
    const startedMs = this.#clock.now();
    this.#emit({ event: isStop ? "serviceStopping" : "serviceStarting", service });
    try {
      await this.#withRetries(change, attempt);
    } catch (thrown) {
      const error = explain(thrown);
      const text = errorText(error);
      this.#emit({
        event: "serviceFailed",
        service,
        wanted,
        state: await this.#shown(service),
        text,
      });
      throw error;
    }
    const durationMs = Math.round(this.#clock.now() - startedMs);
    this.#emit({ event: isStop ? "serviceStopped" : "serviceStarted", service, durationMs });
  }

  async #shown(name: string): Promise<ServiceState | "unknown"> {
    try {
      return (await this.#api.queryService(name))?.state ?? "unknown";
    } catch {
      return "unknown";
    }
  }
}

function startAdvice(service: string, error: unknown): string {
  return nativeFailure(error)?.hresult === HRESULT.ERROR_SERVICE_DISABLED
    ? "The service is disabled. Allow it to start, then run: wsb-addin recover"
    : `Start it by hand: sc.exe start "${service}".`;
}
