/** What a restore session calls at its two ends. The add-in's handlers are behind these functions. */
import type { Component } from "../../base/component.ts";
import type { Restoring } from "./journal/components.ts";

/** A session that is about to stop services. */
export interface ServicesStopInfo {
  /** The component whose PreRestore stops the services. */
  readonly restoring: Restoring;
  /** `true` for a point-in-time recovery. */
  readonly noRollForward: boolean;
  /** The services to stop, in this order. */
  readonly services: readonly string[];
}

/** A session that has started its services again. */
export interface ServicesStartInfo {
  /** The services that were started, in this order. */
  readonly services: readonly string[];
  /** The components of the session, each once. */
  readonly components: readonly Component[];
}

/** The functions that a restore session calls before it stops and after it starts services. */
export interface SessionHooks {
  /**
   * Called once a session while the services run. A rejection means that nothing is stopped, and
   * that PreRestore fails.
   */
  beforeServicesStop(info: ServicesStopInfo, signal: AbortSignal): Promise<void>;
  /**
   * Called once a session when the services run again. A rejection fails the last PostRestore; the
   * services keep running.
   */
  afterServicesStart(info: ServicesStartInfo, signal?: AbortSignal): Promise<void>;
}
