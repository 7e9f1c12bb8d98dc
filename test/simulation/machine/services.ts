import { NativeError } from "../../helpers/fakes/native-error.ts";
import type {
  ServiceChange,
  ServiceChangeEnd,
  ServiceDescription,
  ServiceStartType,
  ServiceState,
  ServiceStatus,
  WantedServiceState,
} from "../../../src/runtime/native/binding.ts";
import type { ServiceApi } from "../../../src/runtime/restore/service-control.ts";
import type { Random } from "../../fuzz/random.ts";
import type { EffectKind, Process, Processes } from "./processes.ts";
import type { Scheduler } from "./scheduler.ts";

/** How a service answers a request. */
export type Reaction = "obeys" | "is slow" | "hangs" | "refuses" | "fails";

export interface ServicePlan {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly startType: ServiceStartType;
  readonly delayedStart: boolean;
  readonly runs: boolean;
  readonly onStop: Reaction;
  readonly onStart: Reaction;
  /** A watchdog starts it this long after it has stopped; 0 for no watchdog. */
  readonly watchdogMs: number;
}

/** Who asked for a change: a process, or one of these. */
export type Asker = Process | "watchdog" | "boot" | "administrator" | "itself";

export interface ServiceEvents {
  /** A service is asked to stop, and will. */
  readonly onStop: (name: string, by: Asker) => void;
  /** A service that was asked to stop runs on. */
  readonly onStay: (name: string) => void;
  /** A service leaves STOPPED. */
  readonly onStart: (name: string, by: Asker) => void;
  readonly onLook: (name: string, by: Process, state: ServiceState | undefined) => void;
  readonly note: (line: string) => void;
}

const DEPENDENT_SERVICES_RUNNING = 0x8007_041b;
const INVALID_SERVICE_CONTROL = 0x8007_041c;
const SERVICE_DISABLED = 0x8007_0422;
const SERVICE_DOES_NOT_EXIST = 0x8007_0424;
const SERVICE_DEPENDENCY_FAIL = 0x8007_042c;
const LOGON_FAILED = 0x8007_042d;
const RPC_SERVER_UNAVAILABLE = 0x8007_06ba;
const DEVICE_ERROR = 0x8007_045d;

const QUICK_MS = 40;
const SLOW_MS = 4000;
// Services that start by themselves do so this long after the machine has started.
const BOOT_MS = 1000;
const DELAYED_MS = 2000;

interface StartSetting {
  readonly startType: ServiceStartType;
  readonly delayedStart: boolean;
}

class Service {
  readonly plan: ServicePlan;
  state: ServiceState;
  setting: StartSetting;
  /** What a power cut may leave of the start setting. */
  settings: StartSetting[];
  exitCode = 0;
  cancel: () => void = () => {};
  readonly waiters = new Set<() => void>();

  constructor(plan: ServicePlan) {
    this.plan = plan;
    this.state = plan.runs ? "RUNNING" : "STOPPED";
    this.setting = { startType: plan.startType, delayedStart: plan.delayedStart };
    this.settings = [this.setting];
  }

  status(): ServiceStatus {
    const processId = this.state === "STOPPED" ? 0 : 4242;
    return { state: this.state, processId, waitHintMs: 0, exitCode: this.exitCode };
  }

  go(state: ServiceState): void {
    this.state = state;
    for (const waiter of this.waiters) waiter();
  }

  set(setting: StartSetting): void {
    this.setting = setting;
    this.settings.push(setting);
  }

  flush(): void {
    this.settings = [this.setting];
  }
}

interface Watch {
  readonly process: Process;
  readonly names: readonly string[];
  readonly onStart: (name: string) => void;
}

/** The service control manager, with dependents, watchdogs, and services that do not obey. */
export class MachineServices {
  readonly #scheduler: Scheduler;
  readonly #processes: Processes;
  readonly #random: Random;
  readonly #events: ServiceEvents;
  readonly #services: Map<string, Service>;
  readonly #watches = new Set<Watch>();
  /** Whether a start type survives a power cut when the call that sets it has returned. */
  isStartTypeFlushed = true;
  /** No watchdog starts a service any more. */
  isCalm = false;

  constructor(
    { scheduler, processes, random }: ServicesMachine,
    plans: readonly ServicePlan[],
    events: ServiceEvents,
  ) {
    this.#scheduler = scheduler;
    this.#processes = processes;
    this.#random = random;
    this.#events = events;
    this.#services = new Map(plans.map((plan) => [plan.name, new Service(plan)]));
  }

  get names(): readonly string[] {
    return [...this.#services.keys()];
  }

  state(name: string): ServiceState | undefined {
    return this.#services.get(name)?.state;
  }

  startSetting(name: string): StartSetting | undefined {
    return this.#services.get(name)?.setting;
  }

  /** A service and all that depend on it. */
  withDependents(names: readonly string[]): ReadonlySet<string> {
    const all = new Set(names);
    for (const name of all) {
      for (const { plan } of this.#services.values()) {
        if (plan.dependsOn.includes(name)) all.add(plan.name);
      }
    }
    return all;
  }

  remove(name: string): void {
    const service = this.#services.get(name);
    if (service === undefined) return;
    service.cancel();
    this.#services.delete(name);
    for (const waiter of service.waiters) waiter();
  }

  setStartType(name: string, startType: ServiceStartType): void {
    const service = this.#services.get(name);
    service?.set({ ...service.setting, startType });
    service?.flush();
  }

  /** Somebody starts a service, with what it needs; what refuses stays as it is. */
  startBy(name: string, by: Asker): void {
    try {
      this.#start(this.#require(name), by);
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
    }
  }

  /** Somebody stops a service, and first what depends on it. */
  stopBy(name: string, by: Asker): void {
    for (const other of [...this.withDependents([name])].toReversed()) {
      const service = this.#services.get(other);
      if (service?.state !== "RUNNING") continue;
      this.#events.onStop(other, by);
      service.cancel();
      service.go("STOPPED");
    }
  }

  powerCut(): void {
    this.#watches.clear();
    for (const service of this.#services.values()) {
      service.cancel();
      service.waiters.clear();
      service.state = "STOPPED";
      service.setting = this.#random.pick(service.settings);
      service.settings = [service.setting];
      const { startType, delayedStart } = service.setting;
      if (startType !== "automatic") continue;
      const delayMs = (delayedStart ? DELAYED_MS : BOOT_MS) + this.#random.below(1000);
      service.cancel = this.#scheduler.after(delayMs, () => {
        if (service.setting.startType === "automatic") this.startBy(service.plan.name, "boot");
      });
    }
  }

  of(process: Process): ServiceApi {
    const later = <T>(effect: EffectKind, what: string, perform: () => T): Promise<T> =>
      this.#processes.later(process, effect, what, (fault) => {
        if (fault === "error") throw new NativeError(RPC_SERVER_UNAVAILABLE, effect, "No answer.");
        return perform();
      });
    return {
      queryService: (name) =>
        later("service.query", name, () => {
          const service = this.#services.get(name);
          this.#events.onLook(name, process, service?.state);
          return service?.status() ?? null;
        }),
      describeService: (name) =>
        later("service.describe", name, () => {
          const service = this.#services.get(name);
          this.#events.onLook(name, process, service?.state);
          return service === undefined ? null : this.#describe(service);
        }),
      listServiceDependencies: () =>
        later("service.dependencies", "", () =>
          [...this.#services.values()].map(({ plan: { name, dependsOn } }) => ({
            name,
            dependsOn,
          })),
        ),
      setServiceStartType: (name, startType, delayedStart) =>
        later("service.startType", `${name} ${startType}`, () => {
          const service = this.#require(name);
          const delayed = startType === "automatic" ? delayedStart : service.setting.delayedStart;
          service.set({ startType, delayedStart: delayed });
          if (this.isStartTypeFlushed) service.flush();
        }),
      changeService: (name, wanted, timeoutMs) => this.#change(process, name, wanted, timeoutMs),
      watchServices: (names, onStart) =>
        later("service.watch", names.join(" "), () => {
          const watch = { process, names, onStart };
          this.#watches.add(watch);
          process.exits.push(() => this.#watches.delete(watch));
          return { close: () => void this.#watches.delete(watch) };
        }),
    };
  }

  #describe({ plan, state, setting, ...service }: Service): ServiceDescription {
    return {
      ...this.#require(plan.name).status(),
      state,
      startType: setting.startType,
      delayedStart: setting.startType === "automatic" && setting.delayedStart,
      program: `C:\\Services\\${plan.name}.exe`,
      programExists: true,
      mayStart: true,
      dependsOn: plan.dependsOn,
      exitCode: service.exitCode,
    };
  }

  #require(name: string): Service {
    const service = this.#services.get(name);
    if (service === undefined) throw new NativeError(SERVICE_DOES_NOT_EXIST, "OpenServiceW");
    return service;
  }

  #change(
    process: Process,
    name: string,
    wanted: WantedServiceState,
    timeoutMs: number,
  ): ServiceChange {
    let settle: ((end: ServiceChangeEnd) => void) | undefined;
    const cancelled = { outcome: "cancelled", state: "STOPPED", exitCode: 0 } as const;
    const ended = this.#processes.later(process, "service.change", `${name} ${wanted}`, (fault) => {
      if (fault === "error") throw new NativeError(DEVICE_ERROR, "ControlService", "I/O error.");
      return new Promise<ServiceChangeEnd>((resolve, reject) => {
        const wait = this.#wait({ process, name, wanted, timeoutMs }, resolve, reject);
        settle = wait;
      });
    });
    return { ended, cancel: () => settle?.(cancelled) };
  }

  #wait(
    { process, name, wanted, timeoutMs }: Wanted,
    resolve: (end: ServiceChangeEnd) => void,
    reject: (error: unknown) => void,
  ): (end: ServiceChangeEnd) => void {
    const service = this.#services.get(name);
    let isRequested = false;
    const leave = (): void => {
      cancel();
      service?.waiters.delete(look);
    };
    const end = (result: ServiceChangeEnd): void => {
      leave();
      if (process.state === "runs") resolve(result);
    };
    const look = (): void => {
      if (process.state !== "runs") {
        leave();
        return;
      }
      try {
        const { state, exitCode } = this.#require(name);
        if (state === wanted) end({ outcome: "reached", state, exitCode });
        else if (!isRequested && takesRequest(state, wanted)) {
          isRequested = true;
          if (wanted === "STOPPED") this.#stop(this.#require(name), process);
          else this.#start(this.#require(name), process);
          look();
        } else if (isRequested && wanted === "RUNNING" && state === "STOPPED") {
          end({ outcome: "lost", state, exitCode });
        }
      } catch (error) {
        leave();
        reject(error);
      }
    };
    const cancel = this.#scheduler.after(timeoutMs, () => {
      const state = this.state(name) ?? "STOPPED";
      end({ outcome: "timedOut", state, exitCode: 0 });
    });
    service?.waiters.add(look);
    look();
    return end;
  }

  #stop(service: Service, by: Asker): void {
    const { plan } = service;
    if (plan.onStop === "refuses") throw new NativeError(INVALID_SERVICE_CONTROL, "ControlService");
    const isNeeded = [...this.#services.values()].some(
      (other) => other.state !== "STOPPED" && other.plan.dependsOn.includes(plan.name),
    );
    if (isNeeded) throw new NativeError(DEPENDENT_SERVICES_RUNNING, "ControlService");
    this.#events.onStop(plan.name, by);
    service.go("STOP_PENDING");
    this.#later(service, plan.onStop, () => {
      service.go(plan.onStop === "fails" ? "RUNNING" : "STOPPED");
      if (service.state === "RUNNING") this.#events.onStay(plan.name);
      if (service.state === "STOPPED") this.#feedWatchdog(service);
    });
  }

  #start(service: Service, by: Asker): void {
    const { plan, setting } = service;
    if (service.state !== "STOPPED") return;
    if (setting.startType === "disabled") throw new NativeError(SERVICE_DISABLED, "StartServiceW");
    if (plan.onStart === "refuses") throw new NativeError(LOGON_FAILED, "StartServiceW");
    // The manager starts first what a service needs.
    for (const name of plan.dependsOn) this.#startNeeded(name, by);
    this.#events.onStart(plan.name, by);
    service.go("START_PENDING");
    this.#later(service, plan.onStart, () => {
      service.exitCode = plan.onStart === "fails" ? 1066 : 0;
      service.go(plan.onStart === "fails" ? "STOPPED" : "RUNNING");
    });
    this.#tellWatches(plan.name);
  }

  #startNeeded(name: string, by: Asker): void {
    const needed = this.#services.get(name);
    // Windows starts at boot what a service needs that did not run when the session began: a known gap.
    if (needed !== undefined) this.#start(needed, by === "boot" ? "itself" : by);
    const state = needed?.state ?? "STOPPED";
    if (state === "STOPPED" || state === "STOP_PENDING") {
      throw new NativeError(SERVICE_DEPENDENCY_FAIL, "StartServiceW");
    }
  }

  #later(service: Service, reaction: Reaction, run: () => void): void {
    service.cancel();
    service.cancel = () => {};
    if (reaction === "hangs") return;
    const takesMs = 1 + this.#random.below(reaction === "is slow" ? SLOW_MS : QUICK_MS);
    service.cancel = this.#scheduler.after(takesMs, run);
  }

  #feedWatchdog(service: Service): void {
    const { watchdogMs, name } = service.plan;
    if (watchdogMs === 0) return;
    this.#scheduler.after(watchdogMs, () => {
      if (!this.isCalm && service.state === "STOPPED") this.startBy(name, "watchdog");
    });
  }

  #tellWatches(name: string): void {
    for (const watch of this.#watches) {
      if (!watch.names.includes(name)) continue;
      this.#scheduler.after(1 + this.#random.below(20), () => {
        if (watch.process.state === "runs" && this.#watches.has(watch)) watch.onStart(name);
      });
    }
  }
}

interface ServicesMachine {
  readonly scheduler: Scheduler;
  readonly processes: Processes;
  readonly random: Random;
}

interface Wanted {
  readonly process: Process;
  readonly name: string;
  readonly wanted: WantedServiceState;
  readonly timeoutMs: number;
}

/** Tells whether a service in `state` takes the request for `wanted` now. */
function takesRequest(state: ServiceState, wanted: WantedServiceState): boolean {
  if (wanted === "RUNNING") return state === "STOPPED";
  return state !== "START_PENDING" && state !== "STOP_PENDING";
}
