import type { Component } from "../../base/component.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { lateCrypto } from "../../base/late-modules.ts";
import type { OnPreRestoreFailure } from "../manifest/manifest.ts";
import { closeSession, type SessionMachine } from "./close-session.ts";
import type { Journal } from "./journal.ts";
import type { SessionLock } from "./session-lock.ts";
import {
  abandonLost,
  findComponent,
  isActive,
  isAwaited,
  openSession,
  setComponent,
  setPhase,
  setService,
  settleLeft,
  type Living,
} from "./transitions.ts";

/**
 * From the first PreRestore to the last matching PostRestore: services are stopped once, before the
 * first component, and exactly those are started again after the last prepared one.
 *
 * The journal on the disk is the session; nothing is kept here, so any process may serve any call.
 */
export interface RestoreSession {
  /**
   * Begins to prepare a component; the first one stops the services. A component that is prepared
   * twice counts once.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when a service does not stop; those that had been
   * stopped are running again by then, or the message says which is not. `ERR_WSB_JOURNAL` when
   * the journal cannot be kept; no service was stopped then.
   */
  enter(component: Component, client: ProcessIdentity | null, signal: AbortSignal): Promise<void>;
  /**
   * Notes that a component is prepared.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when the session was ended meanwhile.
   */
  prepared(component: Component): Promise<void>;
  /**
   * Finishes a component; the last prepared one starts the services. One that was never prepared
   * changes nothing, but lets a session that nobody waits for end.
   *
   * @param outcome `"ok"`, or the text of a handler's failure.
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when services do not start; the others are running,
   * and the guardian, the next call and `wsb-addin recover` try again.
   */
  finish(component: Component, outcome: string): Promise<void>;
}

export interface RestoreSessionOptions extends SessionMachine {
  readonly clsid: string;
  readonly services: readonly string[];
  readonly onPreRestoreFailure: OnPreRestoreFailure;
  readonly lock: SessionLock;
  readonly living: Living;
  /** This process. */
  readonly server: ProcessIdentity;
  /**
   * Sees to it that the guardian of this session runs; must not throw. Called with the lock held,
   * before the session is on the disk: the guardian asks for the lock before it believes that
   * there is no session.
   */
  readonly ensureGuardian: (sessionId: string) => void;
}

/** A component by both names, as messages show it. */
function show({ logicalPath, componentName }: Component): string {
  return JSON.stringify([logicalPath, componentName]);
}

/** The session of an add-in without services: nothing is stopped, so nothing is owed. */
const withoutServices: RestoreSession = {
  async enter() {},
  async prepared() {},
  async finish() {},
};

export function createRestoreSession(options: RestoreSessionOptions): RestoreSession {
  const { clsid, services, onPreRestoreFailure, lock, living, server, ensureGuardian } = options;
  const { store, control, emit } = options;
  if (services.length === 0) return withoutServices;

  /** Writes as this server, now. */
  const write = (journal: Journal): Journal => {
    const written = { ...journal, server, updatedAt: new Date().toISOString() };
    store.write(written);
    return written;
  };

  const begin = async (client: ProcessIdentity | null): Promise<Journal> => {
    const listed = await control.listRunning(services);
    const journal = openSession({
      sessionId: lateCrypto().randomUUID(),
      clsid,
      now: new Date(),
      server,
      services: listed.map(({ name, state, startType, isDependent }) => ({
        name,
        stateBefore: state,
        startTypeBefore: startType,
        isDependent,
        phase: "listed",
      })),
    });
    emit({
      event: "sessionOpened",
      sessionId: journal.sessionId,
      ...(client === null ? {} : { clientPid: client.pid, clientImage: client.image }),
      services: listed.map(({ name }) => name),
    });
    return journal;
  };

  const stopServices = async (journal: Journal, signal: AbortSignal): Promise<Journal> => {
    let current = journal;
    for (const { name, stateBefore } of journal.services) {
      // One that somebody else was stopping is waited for, and not the kit's to start again.
      if (stateBefore !== "STOP_PENDING") current = write(setService(current, name, "stopping"));
      await control.stop(name, signal);
    }
    return write(setPhase(settleLeft(current), "open"));
  };

  /** Ends the session, if nobody will come to finish what was prepared. */
  const closeIfDone = async (journal: Journal, outcome: "completed" | "failed"): Promise<void> => {
    if (!isAwaited(journal)) await closeSession(options, journal, outcome);
  };

  /** Takes back what `enter` did for a component, after `error`, and throws it. */
  const undoEnter = async (
    component: Component,
    before: Journal,
    error: unknown,
  ): Promise<never> => {
    // What was asked to stop by now is in the newest journal alone.
    const journal = store.read() ?? before;
    const phase = onPreRestoreFailure === "keepStopped" ? "left" : "finished";
    const current = setComponent(journal, component, phase, { outcome: errorText(error) });
    try {
      if (onPreRestoreFailure === "keepStopped") write(current);
      else await closeIfDone(current, "failed");
    } catch (restart) {
      throw new WsbError("ERR_WSB_SERVICE", `${errorText(error)} ${errorText(restart)}`, {
        cause: error,
      });
    }
    throw error;
  };

  return {
    enter: (component, client, signal) =>
      lock(async () => {
        const found = store.read();
        const before = found === undefined ? await begin(client) : abandonLost(found, living);
        ensureGuardian(before.sessionId);
        const entered = setComponent(before, component, "preparing", { client });
        // A session that was being closed, or whose server went while it stopped services.
        const mustStop = before.phase !== "open";
        const journal = write(mustStop ? setPhase(entered, "stopping") : entered);
        if (!mustStop) return;
        try {
          await stopServices(journal, signal);
        } catch (error) {
          await undoEnter(component, journal, error);
        }
      }, signal),
    prepared: (component) =>
      lock(async () => {
        const journal = store.read();
        if (journal === undefined || findComponent(journal, component)?.phase !== "preparing") {
          throw new WsbError(
            "ERR_WSB_SERVICE",
            `The restore session was ended while component ${show(component)} was being prepared, and the services were started. Run the restore again.`,
          );
        }
        write(setComponent(journal, component, "prepared", { outcome: "ok" }));
      }),
    finish: (component, outcome) =>
      lock(async () => {
        const journal = store.read();
        const found = journal === undefined ? undefined : findComponent(journal, component);
        if (found === undefined || !isActive(found)) {
          emit({
            event: "message",
            level: "warn",
            text: `Component ${show(component)} is finished without being prepared.`,
          });
        }
        if (journal === undefined) return;
        if (found === undefined) {
          await closeIfDone(journal, "completed");
          return;
        }
        const finished = setComponent(journal, component, "finished", { outcome });
        const outcomeOf = outcome === "ok" ? "completed" : "failed";
        await closeIfDone(isAwaited(finished) ? write(finished) : finished, outcomeOf);
      }),
  };
}
