import { WsbError, errorText } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ServiceControl } from "./service-control.ts";

/** A component by its two names; `null` where the caller passed NULL. */
export interface SessionComponent {
  readonly componentName: string | null;
  readonly logicalPath: string | null;
}

/**
 * From the first PreRestore to the last matching PostRestore: services are stopped once, before the
 * first component, and exactly those are started again after the last prepared one.
 */
export interface RestoreSession {
  /**
   * Prepares a component; the first one stops the services. A component prepared twice counts once.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when a service does not stop; those that had been
   * stopped are running again by then, or the message says which is not.
   */
  enter(component: SessionComponent, signal: AbortSignal): Promise<void>;
  /**
   * Finishes a component; the last prepared one starts the services. One that was never prepared
   * here (another process may have done that) changes nothing.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when services do not start; the others are running,
   * and the next PostRestore tries again.
   */
  leave(component: SessionComponent): Promise<void>;
}

export interface RestoreSessionOptions {
  readonly services: readonly string[];
  readonly control: ServiceControl;
  readonly log: Log;
  /** Told when the first component is prepared and when the last one is finished. */
  readonly onOpen: () => void;
  readonly onClose: () => void;
}

function keyOf({ logicalPath, componentName }: SessionComponent): string {
  return JSON.stringify([logicalPath, componentName]);
}

/** Opens nothing yet: the session begins with the first {@link RestoreSession.enter}. */
export function createRestoreSession(options: RestoreSessionOptions): RestoreSession {
  const { services, control, log, onOpen, onClose } = options;
  const prepared = new Set<string>();
  let stopped: readonly string[] = [];
  let tail: Promise<unknown> = Promise.resolve();

  /** Two clients may call at once; whoever comes second sees the services in a settled state. */
  const exclusively = <T>(work: () => Promise<T>): Promise<T> => {
    const result = tail.then(work);
    tail = result.catch(() => {});
    return result;
  };

  /** Starts what the session stopped, last stopped first, and keeps what did not start. */
  const startAgain = async (): Promise<void> => {
    const failures: unknown[] = [];
    const left: string[] = [];
    for (const name of stopped.toReversed()) {
      try {
        await control.start(name);
      } catch (error) {
        failures.push(error);
        left.unshift(name);
        log("error", `Service ${name} is left stopped: ${errorText(error)}`);
      }
    }
    stopped = left;
    if (failures.length > 0) {
      throw new WsbError("ERR_WSB_SERVICE", failures.map(errorText).join(" "), {
        cause: failures[0],
      });
    }
  };

  const open = async (signal: AbortSignal): Promise<void> => {
    onOpen();
    log("info", "Restore session opened.");
    try {
      await control.stop(
        services,
        (name) => {
          if (!stopped.includes(name)) stopped = [...stopped, name];
        },
        signal,
      );
    } catch (error) {
      await close().catch((restart: unknown) => {
        throw new WsbError("ERR_WSB_SERVICE", `${errorText(error)} ${errorText(restart)}`, {
          cause: error,
        });
      });
      throw error;
    }
  };

  const close = async (): Promise<void> => {
    try {
      await startAgain();
    } finally {
      log("info", "Restore session closed.");
      onClose();
    }
  };

  return {
    enter: (component, signal) =>
      exclusively(async () => {
        if (prepared.size === 0) await open(signal);
        prepared.add(keyOf(component));
      }),
    leave: (component) =>
      exclusively(async () => {
        if (!prepared.delete(keyOf(component))) {
          log("warn", `Component ${keyOf(component)} is finished without being prepared here.`);
          if (prepared.size === 0) await startAgain();
          return;
        }
        if (prepared.size === 0) await close();
      }),
  };
}
