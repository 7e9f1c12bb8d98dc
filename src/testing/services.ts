import { machineClock, type Clock } from "../base/clock.ts";
import type { Signal } from "../base/platform-types.ts";
import type {
  ServiceChange,
  ServiceChangeEnd,
  ServiceDescription,
  ServiceStartType,
  ServiceState,
  ServiceStatus,
  ServiceWatch,
  WantedServiceState,
} from "../runtime/native/binding.ts";
import type { ServiceApi } from "../runtime/restore/service-control.ts";

/** The reaction of a service to a request to stop or to start. */
export type ServiceReaction =
  /** It is in the requested state at the next query. */
  | "obeys"
  /** It is pending at the next two queries. */
  | "takes its time"
  /** It is pending for ever. */
  | "hangs"
  /** The service control manager refuses the request. */
  | "refuses"
  /** It ends in the other state: a start ends as STOPPED. */
  | "fails";

/** A service of the machine in a test. */
export interface TestService {
  readonly name: string;
  /** @defaultValue `"RUNNING"` */
  readonly state?: ServiceState;
  /** The services that must run before it. */
  readonly dependsOn?: readonly string[];
  /** @defaultValue `"automatic"` */
  readonly startType?: ServiceStartType;
  /** @defaultValue `false` */
  readonly delayedStart?: boolean;
  /**
   * `false` when its program's file is missing.
   *
   * @defaultValue `true`
   */
  readonly programExists?: boolean;
  /**
   * `false` when the add-in's account may not start it.
   *
   * @defaultValue `true`
   */
  readonly mayStart?: boolean;
  /** @defaultValue `"obeys"` */
  readonly onStop?: ServiceReaction;
  /** @defaultValue `"obeys"` */
  readonly onStart?: ServiceReaction;
}

/** A watch on the start of services, which no longer watches a service that was deleted. */
interface Watch {
  readonly names: Map<string, string>;
  readonly onStart: (name: string) => void;
}

// The pauses between two looks of a change, for which the shim needs none.
const FIRST_POLL_MS = 5;
const LAST_POLL_MS = 50;

// winerror.h
const DEPENDENT_SERVICES_RUNNING = 0x8007041b;
const INVALID_SERVICE_CONTROL = 0x8007041c;
const SERVICE_DISABLED = 0x80070422;
const SERVICE_DOES_NOT_EXIST = 0x80070424;
const CANNOT_ACCEPT_CONTROL = 0x80070425;
const SERVICE_DEPENDENCY_FAIL = 0x8007042c;
const LOGON_FAILED = 0x8007042d;

/** Returns an error like the shim's. */
function serviceError(hresult: number, api: string): Error {
  return Object.assign(new Error("TestServices refused the request."), { hresult, api });
}

function fold(name: string): string {
  return name.toUpperCase();
}

class Service {
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly programExists: boolean;
  readonly mayStart: boolean;
  startType: ServiceStartType;
  delayedStart: boolean;
  onStop: ServiceReaction;
  onStart: ServiceReaction;
  state: ServiceState;
  exitCode = 0;
  #queriesLeft = 0;
  #next: ServiceState | undefined;

  constructor(service: TestService) {
    this.name = service.name;
    this.dependsOn = service.dependsOn ?? [];
    this.programExists = service.programExists ?? true;
    this.mayStart = service.mayStart ?? true;
    this.startType = service.startType ?? "automatic";
    this.delayedStart = service.delayedStart ?? false;
    this.onStop = service.onStop ?? "obeys";
    this.onStart = service.onStart ?? "obeys";
    this.state = service.state ?? "RUNNING";
    if (this.state === "START_PENDING") this.go(this.onStart, "START_PENDING", "RUNNING");
    if (this.state === "STOP_PENDING") this.go(this.onStop, "STOP_PENDING", "STOPPED");
  }

  go(reaction: ServiceReaction, pending: ServiceState, wanted: ServiceState): void {
    this.state = pending;
    this.#next = wanted;
    if (reaction === "hangs") this.#next = undefined;
    if (reaction === "fails") this.#next = wanted === "RUNNING" ? "STOPPED" : "RUNNING";
    if (reaction === "fails") this.exitCode = 1066;
    this.#queriesLeft = reaction === "takes its time" ? 2 : 0;
  }

  /** Puts it into a state for good. */
  set(state: ServiceState): void {
    this.state = state;
    this.#next = undefined;
  }

  query(): ServiceStatus {
    if (this.#next !== undefined) {
      if (this.#queriesLeft === 0) {
        this.state = this.#next;
        this.#next = undefined;
      } else {
        this.#queriesLeft -= 1;
      }
    }
    const processId = this.state === "STOPPED" ? 0 : 4242;
    return { state: this.state, processId, waitHintMs: 0, exitCode: this.exitCode };
  }
}

/** A service control manager in memory that respects dependencies like Windows' own. */
export class TestServices implements ServiceApi {
  readonly #services = new Map<string, Service>();
  readonly #watches = new Set<Watch>();
  /** All requests in order: `stop Ledger`, `start Ledger`. */
  readonly requests: string[] = [];
  /** The time in which services change. A test host sets its own. */
  clock: Clock = machineClock;

  constructor(...services: readonly TestService[]) {
    for (const service of services) this.add(service);
  }

  /** Installs a service or replaces the service of that name. */
  add(service: TestService): void {
    this.#services.set(fold(service.name), new Service(service));
  }

  /** Deletes a service, like `sc.exe delete`. */
  remove(name: string): void {
    this.#services.delete(fold(name));
    for (const { names } of this.#watches) names.delete(fold(name));
  }

  /** Returns a service's state without a query, which would advance a pending service. */
  state(name: string): ServiceState | undefined {
    return this.#services.get(fold(name))?.state;
  }

  /** Puts a service into a state, as if somebody else had stopped or started it. */
  setState(name: string, state: ServiceState): void {
    const service = this.#require(name);
    const before = service.state;
    service.set(state);
    this.#tellStart(service, before);
  }

  /** Changes a service's reactions from now on. */
  change(name: string, reactions: Pick<TestService, "onStop" | "onStart" | "startType">): void {
    const service = this.#require(name);
    service.startType = reactions.startType ?? service.startType;
    service.onStop = reactions.onStop ?? service.onStop;
    service.onStart = reactions.onStart ?? service.onStart;
  }

  /** Completes the stop of a service that hangs. */
  finishStop(name: string): void {
    this.#require(name).go("obeys", "STOP_PENDING", "STOPPED");
  }

  async queryService(name: string): Promise<ServiceStatus | null> {
    return this.#services.get(fold(name))?.query() ?? null;
  }

  async describeService(name: string): Promise<ServiceDescription | null> {
    const service = this.#services.get(fold(name));
    if (service === undefined) return null;
    const { startType, delayedStart, programExists, mayStart, dependsOn } = service;
    return {
      ...service.query(),
      startType,
      delayedStart: startType === "automatic" && delayedStart,
      program: `C:\\Services\\${service.name}.exe`,
      programExists,
      mayStart,
      dependsOn,
    };
  }

  async setServiceStartType(
    name: string,
    startType: ServiceStartType,
    delayedStart: boolean,
  ): Promise<void> {
    const service = this.#require(name);
    service.startType = startType;
    if (startType === "automatic") service.delayedStart = delayedStart;
  }

  changeService(name: string, wanted: WantedServiceState, timeoutMs: number): ServiceChange {
    const cancelling = new AbortController();
    return {
      ended: this.#change(name, wanted, { timeoutMs, signal: cancelling.signal }),
      cancel: () => cancelling.abort(),
    };
  }

  async watchServices(
    names: readonly string[],
    onStart: (name: string) => void,
  ): Promise<ServiceWatch> {
    const existing = names.filter((name) => this.#services.has(fold(name)));
    const watch: Watch = {
      names: new Map(existing.map((name) => [fold(name), name])),
      onStart,
    };
    this.#watches.add(watch);
    return { close: () => void this.#watches.delete(watch) };
  }

  async queryServiceStartType(name: string): Promise<ServiceStartType> {
    return this.#require(name).startType;
  }

  async listServiceDependencies(): Promise<
    readonly { readonly name: string; readonly dependsOn: readonly string[] }[]
  > {
    return [...this.#services.values()].map(({ name, dependsOn }) => ({ name, dependsOn }));
  }

  async requestServiceStop(name: string): Promise<boolean> {
    this.requests.push(`stop ${name}`);
    const service = this.#require(name);
    if (service.state === "STOPPED") return false;
    if (service.state !== "RUNNING") throw serviceError(CANNOT_ACCEPT_CONTROL, "ControlService");
    if (service.onStop === "refuses") {
      throw serviceError(INVALID_SERVICE_CONTROL, "ControlService");
    }
    const needed = [...this.#services.values()].some(
      ({ dependsOn, state }) =>
        state !== "STOPPED" && dependsOn.some((other) => fold(other) === fold(name)),
    );
    if (needed) throw serviceError(DEPENDENT_SERVICES_RUNNING, "ControlService");
    service.go(service.onStop, "STOP_PENDING", "STOPPED");
    return true;
  }

  async requestServiceStart(name: string): Promise<boolean> {
    this.requests.push(`start ${name}`);
    const service = this.#require(name);
    // ERROR_SERVICE_ALREADY_RUNNING: Windows returns it in every state except STOPPED.
    if (service.state !== "STOPPED") return false;
    if (service.startType === "disabled") throw serviceError(SERVICE_DISABLED, "StartServiceW");
    if (service.onStart === "refuses") throw serviceError(LOGON_FAILED, "StartServiceW");
    if (service.dependsOn.some((other) => this.state(other) !== "RUNNING")) {
      throw serviceError(SERVICE_DEPENDENCY_FAIL, "StartServiceW");
    }
    service.go(service.onStart, "START_PENDING", "RUNNING");
    this.#tellStart(service, "STOPPED");
    return true;
  }

  async #change(
    name: string,
    wanted: WantedServiceState,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: Signal },
  ): Promise<ServiceChangeEnd> {
    const deadlineMs = this.clock.now() + timeoutMs;
    let isRequested = false;
    for (let pollMs = FIRST_POLL_MS; !signal.aborted; pollMs = Math.min(2 * pollMs, LAST_POLL_MS)) {
      const { state, exitCode } = this.#require(name).query();
      if (state === wanted) return { outcome: "reached", state, exitCode };
      if (!isRequested && takesRequest(state, wanted)) {
        isRequested = true;
        await (wanted === "STOPPED"
          ? this.requestServiceStop(name)
          : this.requestServiceStart(name));
        continue;
      }
      if (isRequested && wanted === "RUNNING" && state === "STOPPED") {
        return { outcome: "lost", state, exitCode };
      }
      if (this.clock.now() >= deadlineMs) return { outcome: "timedOut", state, exitCode };
      // An abort ends the loop.
      await this.clock.wait(pollMs, signal).catch(() => {});
    }
    return { outcome: "cancelled", state: "STOPPED", exitCode: 0 };
  }

  #tellStart({ name, state }: Service, before: ServiceState): void {
    if (before !== "STOPPED" || state === "STOPPED") return;
    for (const watch of this.#watches) {
      const watched = watch.names.get(fold(name));
      if (watched === undefined) continue;
      queueMicrotask(() => {
        if (this.#watches.has(watch)) watch.onStart(watched);
      });
    }
  }

  #require(name: string): Service {
    const service = this.#services.get(fold(name));
    if (service === undefined) throw serviceError(SERVICE_DOES_NOT_EXIST, "OpenServiceW");
    return service;
  }
}

/** Tells whether a service in `state` takes the request for `wanted` now. */
function takesRequest(state: ServiceState, wanted: WantedServiceState): boolean {
  if (wanted === "RUNNING") return state === "STOPPED";
  return state !== "START_PENDING" && state !== "STOP_PENDING";
}
