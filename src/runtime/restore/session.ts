import { showComponent } from "../../base/component.ts";
import { bothSentences, errorSentence } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import { lateCrypto } from "../../base/late-modules.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { SessionOutcome } from "../events/definitions.ts";
import type { OnAbandonedRestore, OnPreRestoreFailure } from "../manifest/manifest.ts";
import { abandonedText, settleSession, type SessionMachine } from "./close-session.ts";
import type { ComponentProgress, Journal, JournalService } from "./journal.ts";
import type { ListedService } from "./service-control.ts";
import type { SessionLock } from "./session-lock.ts";
import { abandonLost, dueOf, type Living } from "./abandoned.ts";
import {
  enterComponent,
  failPreparing,
  failRestoring,
  findProgress,
  finishComponent,
  isActive,
  leaveComponent,
  listServices,
  openSession,
  owedServices,
  prepareComponent,
  setPhase,
  setService,
  settleLeft,
  type Restoring,
} from "./transitions.ts";

/** How a component's restore ended. */
export type ComponentEnd =
  /** PostRestore succeeded. */
  | { readonly kind: "restored" }
  /** PreRestore failed: its files were not restored. */
  | { readonly kind: "notPrepared"; readonly text: string }
  /** PostRestore failed: its files may be half restored. */
  | { readonly kind: "postRestoreFailed"; readonly text: string };

/**
 * From the first PreRestore to the last matching PostRestore: services are stopped once, before the
 * first component, and exactly those are started again after the last prepared one.
 *
 * The journal on the disk is the session; nothing is kept here, so any process may serve any call.
 */
export interface RestoreSession {
  /**
   * Begins to prepare a component; the services are stopped when it returns. The first component
   * stops them; a later one stops a service again that somebody has started meanwhile. A component
   * that one client prepares twice counts once.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when a service does not stop, or could not be started
   * again; those that had been stopped run again by then, or the message says which does not.
   * `ERR_WSB_JOURNAL` when the journal cannot be kept; no service was stopped then.
   */
  enter(restoring: Restoring, signal: AbortSignal): Promise<void>;
  /**
   * Notes that a component is prepared, after a last look at the services.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when a service runs again, or when the session was
   * ended meanwhile.
   */
  prepared(restoring: Restoring): Promise<void>;
  /**
   * Ends a component's restore; the last prepared one starts the services. One that was never
   * prepared changes nothing, but lets a session that nobody waits for end.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when services do not start, or stay stopped because
   * files may be half restored.
   */
  finish(restoring: Restoring, end: ComponentEnd): Promise<void>;
}

export interface RestoreSessionOptions extends SessionMachine {
  readonly clsid: string;
  readonly services: readonly string[];
  readonly onPreRestoreFailure: OnPreRestoreFailure;
  readonly onAbandonedRestore: OnAbandonedRestore;
  readonly lock: SessionLock;
  readonly living: Living;
  /** This process. */
  readonly server: ProcessIdentity;
  /**
   * Makes sure that the guardian of this session runs; must not throw. Called with the lock held,
   * before the session is on the disk: the guardian asks for the lock before it believes that
   * there is no session.
   */
  readonly ensureGuardian: (sessionId: string) => void;
}

/** The session of an add-in without services: nothing is stopped, so nothing is owed. */
const withoutServices: RestoreSession = {
  async enter() {},
  async prepared() {},
  async finish() {},
};

export function createRestoreSession(options: RestoreSessionOptions): RestoreSession {
  return options.services.length === 0 ? withoutServices : new ServiceSession(options);
}

function show({ component }: Restoring): string {
  return showComponent(component) || "without a name";
}

function toListed({ name, state, startType, isDependent }: ListedService): JournalService {
  return {
    name,
    stateBefore: state,
    startTypeBefore: startType,
    isDependent,
    phase: "listed",
  };
}

class ServiceSession implements RestoreSession {
  readonly #options: RestoreSessionOptions;

  constructor(options: RestoreSessionOptions) {
    this.#options = options;
  }

  enter(restoring: Restoring, signal: AbortSignal): Promise<void> {
    const { lock, store, living, ensureGuardian } = this.#options;
    return lock(async () => {
      const found = store.read();
      const before =
        found === undefined ? await this.#begin(restoring) : abandonLost(found, living);
      ensureGuardian(before.sessionId);
      await this.#enterWith(before, restoring, signal);
    }, signal);
  }

  prepared(restoring: Restoring): Promise<void> {
    const { lock, store } = this.#options;
    return lock(async () => {
      const journal = store.read();
      if (journal === undefined || findProgress(journal, restoring)?.phase !== "preparing") {
        throw new WsbError(
          "ERR_WSB_SERVICE",
          `The restore session ended while component ${show(restoring)} was being prepared, and the services were started. Run the restore again.`,
        );
      }
      await this.#refuseRunning(journal);
      this.#write(prepareComponent(journal, restoring));
    });
  }

  finish(restoring: Restoring, end: ComponentEnd): Promise<void> {
    const { lock, store, living, emit } = this.#options;
    return lock(async () => {
      const read = store.read();
      const journal = read && abandonLost(read, living);
      const found = journal && findProgress(journal, restoring);
      if (found === undefined || !isActive(found)) {
        const text = `Component ${show(restoring)} is finished without being prepared.`;
        emit({ event: "message", level: "warn", text });
        // Only a PreRestore that succeeded makes files whole again: an abandoned component stays so.
        if (journal !== undefined) await this.#settle(journal, "completed");
        return;
      }
      if (journal === undefined) return;
      const ran = await this.#ranWhileRestored(journal, found, end);
      if (ran === undefined) {
        const outcome = end.kind === "restored" ? "completed" : "failed";
        await this.#settle(this.#end(journal, restoring, end), outcome);
      } else {
        await this.#failOverRunning(this.#end(journal, restoring, ran), ran.text);
      }
    });
  }

  /** Lists what must stop, and refuses what could not be started again. Nothing is changed yet. */
  async #begin({ client }: Restoring): Promise<Journal> {
    const { clsid, services, control, emit, server, onAbandonedRestore } = this.#options;
    const all = await control.list(services);
    await control.refuseUnstartable(all);
    const listed = all.filter(({ state }) => state !== "STOPPED");
    for (const { name, state, isDependent } of all) {
      if (state !== "STOPPED" || isDependent) continue;
      emit({ event: "serviceNotRunning", service: name, state });
    }
    const journal = openSession({
      sessionId: lateCrypto().randomUUID(),
      clsid,
      now: new Date(),
      onAbandonedRestore,
      server,
      services: listed.map(toListed),
    });
    emit({
      event: "sessionOpened",
      sessionId: journal.sessionId,
      ...(client === null ? {} : { clientPid: client.pid, clientImage: client.image }),
      services: listed.map(({ name }) => name),
    });
    return journal;
  }

  async #enterWith(before: Journal, restoring: Restoring, signal: AbortSignal): Promise<void> {
    const { control } = this.#options;
    // Of an open session, somebody may have started services since the last look.
    const running = before.phase === "open" ? await control.running(this.#names(before)) : [];
    await control.refuseUnstartable(running);
    const entered = listServices(enterComponent(before, restoring), running.map(toListed));
    const mustStop = before.phase !== "open" || running.length > 0;
    const journal = this.#write(mustStop ? setPhase(entered, "stopping") : entered);
    if (!mustStop) return;
    try {
      await this.#stopServices(journal, signal);
    } catch (error) {
      await this.#undoEnter(restoring, journal, error);
    }
  }

  /** The services of the manifest and those that the session has stopped beside them. */
  #names(journal: Journal): readonly string[] {
    const all = [...journal.services.map(({ name }) => name), ...this.#options.services];
    return [...new Map(all.map((name) => [name.toUpperCase(), name])).values()];
  }

  async #stopServices(journal: Journal, signal: AbortSignal): Promise<void> {
    const { control, serviceTimeoutMs: timeoutMs } = this.#options;
    let current = journal;
    for (const { name, stateBefore, phase } of journal.services) {
      if (phase === "gone") continue;
      // One that somebody else was stopping is waited for, and not the kit's to start again.
      if (stateBefore !== "STOP_PENDING") {
        current = this.#write(setService(current, name, "stopping"));
      }
      await control.stop(name, { timeoutMs, signal });
    }
    this.#write(setPhase(settleLeft(current), "open"));
  }

  /** Takes back what `enter` did for a component, after `error`, and throws it. */
  async #undoEnter(restoring: Restoring, before: Journal, error: unknown): Promise<never> {
    const { store, onPreRestoreFailure } = this.#options;
    // The newest journal alone tells what was asked to stop by now.
    const journal = store.read() ?? before;
    try {
      if (onPreRestoreFailure === "keepStopped") {
        this.#write(leaveComponent(journal, restoring, errorSentence(error)));
      } else {
        await this.#settle(failPreparing(journal, restoring, errorSentence(error)), "failed");
      }
    } catch (restart) {
      throw new WsbError("ERR_WSB_SERVICE", bothSentences(error, restart), { cause: error });
    }
    throw error;
  }

  /** @throws {@link WsbError} `ERR_WSB_SERVICE` when a service of the session runs now. */
  async #refuseRunning(journal: Journal): Promise<void> {
    const running = await this.#options.control.running(this.#names(journal));
    if (running.length === 0) return;
    const names = running.map(({ name, state }) => `${name} (${state})`).join(", ");
    throw new WsbError(
      "ERR_WSB_SERVICE",
      `Somebody started services that this restore needs stopped: ${names}. Find the program that starts them, such as a monitoring service, and run the restore again.`,
    );
  }

  /** Looks whether services run that were to be stopped while a component was restored. */
  async #ranWhileRestored(
    journal: Journal,
    { phase }: ComponentProgress,
    end: ComponentEnd,
  ): Promise<Extract<ComponentEnd, { readonly kind: "postRestoreFailed" }> | undefined> {
    if (end.kind !== "restored" || phase !== "prepared" || journal.phase === "starting") {
      return undefined;
    }
    const running = await this.#options.control.running(this.#names(journal));
    if (running.length === 0) return undefined;
    const names = running.map(({ name }) => name).join(", ");
    const text = `These services ran while the component's files were restored: ${names}. Find the program that started them, such as a monitoring service, and restore the component again.`;
    return { kind: "postRestoreFailed", text };
  }

  async #failOverRunning(journal: Journal, text: string): Promise<never> {
    const error = new WsbError("ERR_WSB_SERVICE", text);
    try {
      await this.#settle(journal, "failed");
    } catch (kept) {
      throw new WsbError("ERR_WSB_SERVICE", bothSentences(error, kept), { cause: error });
    }
    throw error;
  }

  /** Notes how a component's restore ended. */
  #end(journal: Journal, restoring: Restoring, end: ComponentEnd): Journal {
    switch (end.kind) {
      case "restored":
        return finishComponent(journal, restoring);
      case "notPrepared":
        return failPreparing(journal, restoring, end.text);
      case "postRestoreFailed":
        return failRestoring(journal, restoring, end.text);
    }
  }

  /**
   * Does what is due after a component has ended.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when services do not start, or stay stopped.
   */
  async #settle(journal: Journal, outcome: SessionOutcome): Promise<void> {
    const due = dueOf(journal);
    const written = due === "start" ? journal : this.#write(journal);
    await settleSession(this.#options, written, outcome);
    if (due === "keepStopped" && owedServices(written).length > 0) {
      throw new WsbError("ERR_WSB_SERVICE", abandonedText(written));
    }
  }

  /** Writes as this server, now. */
  #write(journal: Journal): Journal {
    const { store, server } = this.#options;
    const written = { ...journal, server, updatedAt: new Date().toISOString() };
    store.write(written);
    return written;
  }
}
