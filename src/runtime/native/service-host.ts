/** The reason for which Windows ends a service (`SERVICE_CONTROL_…` of winsvc.h). */
export type ServiceStopReason = "stop" | "shutdown" | "preshutdown";

export interface ServiceHostOptions {
  /** The name of the service. */
  readonly name: string;
  /**
   * The longest time in START_PENDING, in milliseconds. It bounds a program that blocks the event
   * loop: while the service is pending, a thread of the shim tells Windows every half second that it
   * makes progress, and after the limit the shim reports STOPPED and ends the process with
   * {@link SERVICE_HUNG}.
   */
  readonly startLimitMs: number;
  /** The same for STOP_PENDING. */
  readonly stopLimitMs: number;
  /**
   * Called at most once, on the JavaScript thread: Windows wants the service to end. Windows has
   * STOP_PENDING by then, also while the event loop is blocked. Answer with
   * {@link ServiceHost.stopped}.
   */
  readonly onStop: (reason: ServiceStopReason) => void;
}

/** The exit code of a process and of its service that the shim ended, because JavaScript hung. */
export const SERVICE_HUNG = 1460; // ERROR_TIMEOUT (winerror.h)

/** This process as a service. Call its methods only on the JavaScript thread. */
export interface ServiceHost {
  /** Reports RUNNING; from then on, Windows may stop the service. Only the first call counts. */
  ready(): void;
  /**
   * Reports STOPPED. Resolves when the service control manager has let go of the process, which may
   * exit then. Idempotent.
   *
   * @param exitCode 0 for an orderly stop, otherwise the service-specific exit code: Windows shows
   * 1066 and this number, and the recovery actions run.
   */
  stopped(exitCode: number): Promise<void>;
}

/** How Windows restarts a service whose process has ended without reporting STOPPED, or failed. */
export interface ServiceRecovery {
  /** The delay before each restart in turn, in milliseconds; the last one repeats. */
  readonly restartDelaysMs: readonly number[];
  /** The time without a failure after which the first delay counts again, in seconds. */
  readonly resetAfterSeconds: number;
}

/** A service that this kit installs: automatic start, a process of its own. */
export interface ServiceDefinition {
  readonly name: string;
  readonly displayName: string;
  readonly description: string;
  /** The command line; the path of its program is quoted. */
  readonly commandLine: string;
  /** `LocalSystem`, or an account that needs no password: `NT SERVICE\…`, a managed account. */
  readonly account: string;
  /** The services that must run before it. */
  readonly dependsOn: readonly string[];
  /** The longest time that Windows waits for its end before a shutdown, in milliseconds. */
  readonly preshutdownMs: number;
  readonly recovery: ServiceRecovery;
}

/** The shim's functions for a service of the kit. Failures are those of the whole binding. */
export interface NativeServiceHosting {
  /**
   * Connects this process to the service control manager. Resolves when Windows has started the
   * service, which is START_PENDING then. Call it before anything slow, and subscribe a writer only
   * after it: a program that was started by hand must not become a second writer.
   *
   * Rejects with ERROR_FAILED_SERVICE_CONTROLLER_CONNECT (1063) in a process that Windows did not
   * start as a service; under Wine after ten seconds. A process can call it once; later calls throw
   * ERROR_SERVICE_ALREADY_RUNNING.
   */
  runService(options: ServiceHostOptions): Promise<ServiceHost>;

  /** Creates a service. Rejects with ERROR_SERVICE_EXISTS when there is one; then nothing changes. */
  installService(definition: ServiceDefinition): Promise<void>;
  /**
   * Deletes a service; `false` when it did not exist. A service that runs disappears at its end.
   */
  deleteService(name: string): Promise<boolean>;
}
