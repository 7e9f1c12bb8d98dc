import { machineClock, type Clock } from "../../base/clock.ts";
import { WsbError, errorText, nativeFailure, windowsError } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { commandHere } from "../../base/own-command.ts";
import type { Signal } from "../../base/platform-types.ts";
import type { Emit } from "../events/emit.ts";
import type {
  NativeBinding,
  ServiceStartType,
  ServiceState,
  ServiceWatch,
} from "../native/binding.ts";
import { changeService, type Change } from "./service-change.ts";
import { foldName } from "../../base/service-name.ts";
import { stopOrder } from "./service-order.ts";
import { refuseUnstartable } from "./startable.ts";

/** The part of the shim that service control needs. */
export type ServiceApi = Pick<
  NativeBinding,
  | "queryService"
  | "describeService"
  | "listServiceDependencies"
  | "changeService"
  | "setServiceStartType"
  | "watchServices"
>;

/** How Windows starts a service by itself. */
export interface StartSetting {
  readonly startType: ServiceStartType;
  /** Counts only for `automatic`. */
  readonly delayedStart: boolean;
}

/** A service of a restore. */
export interface ListedService extends StartSetting {
  readonly name: string;
  readonly state: ServiceState;
  /** `true` when nobody named it, and it depends on one that somebody named. */
  readonly isDependent: boolean;
}

/** The limits of one stop or start. */
export interface ChangeLimits {
  /** Longest wait for the state asked for, retries included. */
  readonly timeoutMs: number;
  /** Ends the wait, not what Windows was asked for. */
  readonly signal?: Signal | undefined;
}

export interface ServiceControlOptions {
  readonly api: ServiceApi;
  readonly emit: Emit;
  /** @defaultValue this machine's */
  readonly clock?: Clock;
}

/** Stops services before a restore and starts exactly those again. */
export class ServiceControl {
  readonly #api: ServiceApi;
  readonly #emit: Emit;
  readonly #clock: Clock;

  constructor({ api, emit, clock = machineClock }: ServiceControlOptions) {
    this.#api = api;
    this.#emit = emit;
    this.#clock = clock;
  }

  /**
   * Lists `names` and all that depends on them in the order to stop them, whatever their state. One
   * in `STOP_PENDING` is being stopped by somebody else.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` with hresult ERROR_SERVICE_DOES_NOT_EXIST that names a
   * service of `names` that does not exist.
   */
  async list(names: readonly string[]): Promise<readonly ListedService[]> {
    if (names.length === 0) return [];
    const named = new Set(names.map(foldName));
    const order = await this.#order(names);
    const listed: ListedService[] = [];
    for (const name of order) {
      const isDependent = !named.has(foldName(name));
      const service = await this.#find(name, { isDependent });
      if (service !== undefined) listed.push(service);
      else if (!isDependent) throw missingService(name);
    }
    return listed;
  }

  /**
   * Refuses services that run and could not be started again after the restore: disabled, without
   * their program, without the right to start them, or in need of another service that cannot start.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names every such service with every reason.
   */
  async refuseUnstartable(services: readonly ListedService[]): Promise<void> {
    // Who stops a service is who starts it again.
    const ours = services.filter(({ state }) => state !== "STOPPED" && state !== "STOP_PENDING");
    await refuseUnstartable(
      ours.map(({ name }) => name),
      this.#api,
    );
  }

  /**
   * Lists those of `names` that run now, or are on their way, whoever started them. `isDependent` is
   * always `false`.
   */
  async running(names: readonly string[]): Promise<readonly ListedService[]> {
    const running: ListedService[] = [];
    for (const name of names) {
      const service = await this.#findRunning(name);
      if (service !== undefined) running.push(service);
    }
    return running;
  }

  /** The state of a service now; `undefined` for one that does not exist. */
  async stateOf(name: string): Promise<ServiceState | undefined> {
    return (await asking(`service ${name}`, this.#api.queryService(name)))?.state;
  }

  /**
   * Stops one service and waits for it to be STOPPED; a service that is stopped already is fine, and
   * so is one that does not exist.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` that names the service and its state, or the services
   * that depend on it and run.
   */
  async stop(service: string, { timeoutMs, signal }: ChangeLimits): Promise<void> {
    signal?.throwIfAborted();
    await this.#change({ service, wanted: "STOPPED", timeoutMs, signal }, (error) =>
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
  async start(service: string, { timeoutMs, signal }: ChangeLimits): Promise<void> {
    await this.#change({ service, wanted: "RUNNING", timeoutMs, signal }, (error) =>
      hresultOf(error) === HRESULT.ERROR_SERVICE_DOES_NOT_EXIST
        ? missingService(service)
        : windowsError(`Cannot start service ${service}`, startAdvice(service, error), error),
    );
  }

  /** Returns how Windows starts a service by itself; `undefined` when it does not exist. */
  async startTypeOf(service: string): Promise<ServiceStartType | undefined> {
    return (await this.#find(service, { isDependent: false }))?.startType;
  }

  /**
   * Sets how Windows starts a service by itself. Only `automatic` sets the delay, so a caller that
   * puts `automatic` back gives the delay of before.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` with hresult ERROR_SERVICE_DOES_NOT_EXIST for a missing
   * service, `ERR_WSB_WINDOWS_API` for what Windows refuses.
   */
  async setStartType(service: string, { startType, delayedStart }: StartSetting): Promise<void> {
    try {
      await this.#api.setServiceStartType(service, startType, delayedStart);
    } catch (error) {
      if (hresultOf(error) === HRESULT.ERROR_SERVICE_DOES_NOT_EXIST) throw missingService(service);
      throw windowsError(
        `Cannot set the start type of service ${service} to ${startType}`,
        "Set it by hand in the Services console.",
        error,
      );
    }
  }

  /**
   * Calls `onRun` with the name each time one of `names` leaves STOPPED, whoever started it: also
   * this class, and also when it has stopped again by then. Resolves when all of them are watched.
   */
  async watch(names: readonly string[], onRun: (name: string) => void): Promise<ServiceWatch> {
    try {
      return await this.#api.watchServices(names, onRun);
    } catch (error) {
      throw windowsError(`Cannot watch services ${names.join(", ")}`, ASK_MANAGER, error);
    }
  }

  async #order(names: readonly string[]): Promise<readonly string[]> {
    return stopOrder(
      names,
      await asking("the services of this machine", this.#api.listServiceDependencies()),
    );
  }

  async #find(
    name: string,
    { isDependent }: Pick<ListedService, "isDependent">,
  ): Promise<ListedService | undefined> {
    const service = await asking(`service ${name}`, this.#api.describeService(name));
    if (service === null) return undefined;
    const { state, startType, delayedStart } = service;
    return { name, state, startType, delayedStart, isDependent };
  }

  /** Only a service that runs is asked for more than its state: most looks find none. */
  async #findRunning(name: string): Promise<ListedService | undefined> {
    const status = await asking(`service ${name}`, this.#api.queryService(name));
    if (status === null || status.state === "STOPPED") return undefined;
    const service = await this.#find(name, { isDependent: false });
    return service?.state === "STOPPED" ? undefined : service;
  }

  /** Runs a change of one service between its events. */
  async #change(change: Change, explain: (error: unknown) => unknown): Promise<void> {
    const { service, wanted } = change;
    const isStop = wanted === "STOPPED";
    const startedMs = this.#clock.now();
    this.#emit({ event: isStop ? "serviceStopping" : "serviceStarting", service });
    try {
      await this.#changeOrGone(change);
    } catch (thrown) {
      const error = explain(thrown);
      const text = errorText(error);
      const state = await this.#shown(service);
      this.#emit({ event: "serviceFailed", service, wanted, state, text });
      throw error;
    }
    const durationMs = Math.round(this.#clock.now() - startedMs);
    this.#emit({ event: isStop ? "serviceStopped" : "serviceStarted", service, durationMs });
  }

  /** Runs a change; a service that is gone counts as stopped. */
  async #changeOrGone(change: Change): Promise<void> {
    const machine = { api: this.#api, emit: this.#emit, clock: this.#clock };
    try {
      await changeService(machine, change, (error) => this.#refuseDependents(change, error));
    } catch (error) {
      const isGone = hresultOf(error) === HRESULT.ERROR_SERVICE_DOES_NOT_EXIST;
      if (!isGone || change.wanted !== "STOPPED") throw error;
    }
  }

  /** Names the services that keep another one from stopping, unless they are stopping themselves. */
  async #refuseDependents({ service }: Change, error: unknown): Promise<void> {
    if (hresultOf(error) !== HRESULT.ERROR_DEPENDENT_SERVICES_RUNNING) return;
    const order = await this.#order([service]);
    const running = (await this.running(order.slice(0, -1)))
      .filter(({ state }) => state !== "STOP_PENDING")
      .map(({ name }) => name);
    if (running.length === 0) return;
    throw new WsbError(
      "ERR_WSB_SERVICE",
      `Cannot stop service ${service}: services that need it have started since this restore looked: ${running.join(", ")}. Run the restore again; it stops them first.`,
      { hresult: HRESULT.ERROR_DEPENDENT_SERVICES_RUNNING, cause: error },
    );
  }

  async #shown(name: string): Promise<ServiceState | "unknown"> {
    try {
      return (await this.#api.queryService(name))?.state ?? "unknown";
    } catch {
      return "unknown";
    }
  }
}

const ASK_MANAGER = "Check that the service control manager answers: sc.exe query";

/** Says what was asked for when Windows does not answer. */
async function asking<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw windowsError(`Cannot query ${what}`, ASK_MANAGER, error);
  }
}

function hresultOf(error: unknown): number | undefined {
  return nativeFailure(error)?.hresult;
}

function missingService(name: string): WsbError {
  return new WsbError(
    "ERR_WSB_SERVICE",
    `Service ${name} does not exist. Install it, or correct services in the manifest and build again.`,
    { hresult: HRESULT.ERROR_SERVICE_DOES_NOT_EXIST },
  );
}

function startAdvice(service: string, error: unknown): string {
  return hresultOf(error) === HRESULT.ERROR_SERVICE_DISABLED
    ? `The service, or one that it needs, is disabled. Allow it to start, then run: ${commandHere("recover")}`
    : `Start it by hand: sc.exe start "${service}".`;
}
