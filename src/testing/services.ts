import type { ServiceStartType, ServiceState, ServiceStatus } from "../runtime/native/binding.ts";
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
  /** @defaultValue `"obeys"` */
  readonly onStop?: ServiceReaction;
  /** @defaultValue `"obeys"` */
  readonly onStart?: ServiceReaction;
}

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

class Service {
  readonly name: string;
  readonly dependsOn: readonly string[];
  startType: ServiceStartType;
  onStop: ServiceReaction;
  onStart: ServiceReaction;
  state: ServiceState;
  exitCode = 0;
  #queriesLeft = 0;
  #next: ServiceState | undefined;

  constructor(service: TestService) {
    this.name = service.name;
    this.dependsOn = service.dependsOn ?? [];
    this.startType = service.startType ?? "automatic";
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
  /** All requests in order: `stop Ledger`, `start Ledger`. */
  readonly requests: string[] = [];

  constructor(...services: readonly TestService[]) {
    for (const service of services) this.add(service);
  }

  /** Installs a service or replaces the service of that name. */
  add(service: TestService): void {
    this.#services.set(service.name.toUpperCase(), new Service(service));
  }

  /** Deletes a service, like `sc.exe delete`. */
  remove(name: string): void {
    this.#services.delete(name.toUpperCase());
  }

  /** Returns a service's state without a query, which would advance a pending service. */
  state(name: string): ServiceState | undefined {
    return this.#services.get(name.toUpperCase())?.state;
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
    return this.#services.get(name.toUpperCase())?.query() ?? null;
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
        state !== "STOPPED" &&
        dependsOn.some((other) => other.toUpperCase() === name.toUpperCase()),
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
    return true;
  }

  #require(name: string): Service {
    const service = this.#services.get(name.toUpperCase());
    if (service === undefined) throw serviceError(SERVICE_DOES_NOT_EXIST, "OpenServiceW");
    return service;
  }
}
