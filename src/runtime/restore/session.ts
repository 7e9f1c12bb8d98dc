import { showComponent } from "../../base/component.ts";
import { bothSentences, errorSentence } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import type { SessionOutcome } from "../events/definitions.ts";
import { abandonLost, dueOf, type Living } from "./abandoned.ts";
import {
  abandonedText,
  damagedError,
  endSession,
  startOwed,
  type SessionMachine,
} from "./close-session.ts";
import {
  beginSession,
  joinSession,
  listRunning,
  stopServices,
  takeOverOpened,
} from "./enter-session.ts";
import type { ServicesStartInfo, SessionHooks } from "./hooks.ts";
import { isActive, keyOf, type Restoring } from "./journal/components.ts";
import { owedNames, type Session } from "./journal/session.ts";
import type { Change, ComponentProgress, SessionSettings } from "./journal/step.ts";
import type { OpenJournal } from "./journal/store.ts";
import type { SessionLock } from "./session-lock.ts";
import { ServiceWatch } from "./service-watch.ts";
import { keepAbandoned, noteStarted, reportInterrupted, startedInfo } from "./settle.ts";
import {
  failEntering,
  failPreparing,
  failRestoring,
  finishComponent,
  leaveComponent,
  prepareComponent,
  type Entering,
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
 * The journal on the disk is the session, so any process may serve any call.
 */
export interface RestoreSession {
  /**
   * Begins to prepare a component; the services are stopped when it returns. The first component
   * stops them; a later one stops a service again that somebody has started meanwhile. A component
   * that one client prepares twice counts once.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when a service does not stop, or could not be started
   * again; those that had been stopped run again by then, or the message says which does not.
   * `ERR_WSB_JOURNAL` when the journal cannot be kept, or is damaged; no service was stopped then.
   * What `beforeServicesStop` throws.
   */
  enter(entering: Entering, signal: AbortSignal): Promise<void>;
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
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when services do not start, stay stopped because files
   * may be half restored, or ran while the component was restored. `ERR_WSB_JOURNAL` when the journal
   * is damaged. What `afterServicesStart` throws; the services run then.
   */
  finish(restoring: Restoring, end: ComponentEnd): Promise<void>;
}

export interface RestoreSessionOptions extends SessionMachine {
  readonly clsid: string;
  /** The manifest's choices; a session that is open keeps its own. */
  readonly settings: SessionSettings;
  readonly lock: SessionLock;
  readonly living: Living;
  readonly hooks: SessionHooks;
  /** This process. */
  readonly server: ProcessIdentity;
  /**
   * Makes sure that the guardian of this session runs, and waits until it does; must not throw. Called
   * with the lock held: the guardian asks for the lock before it believes that there is no session.
   */
  readonly ensureGuardian: (sessionId: string) => Promise<void>;
  /** The guardian asks the add-in what to do about an abandoned restore. */
  readonly isGuardianToDecide: boolean;
}

export function createRestoreSession(options: RestoreSessionOptions): RestoreSession {
  return new ServiceSession(options);
}

function show({ component }: Restoring): string {
  return showComponent(component) || "without a name";
}

/** A session whose services run again. */
interface Started {
  readonly sessionId: string;
  readonly outcome: SessionOutcome;
  readonly info: ServicesStartInfo;
}

class ServiceSession implements RestoreSession {
  readonly #options: RestoreSessionOptions;
  /** `beforeServicesStop` of the session that has this id. */
  #beforeStop: { readonly sessionId: string; readonly called: Promise<void> } | undefined;
  /** A session whose services run again, for `afterServicesStart` once the lock is released. */
  #started: Started | undefined;
  /** The latest PreRestore of each component in this process. */
  readonly #latest = new Map<string, number>();
  /** The guardian watches too, and a server that is killed has noted nothing. */
  readonly #watch: ServiceWatch;
  /** `afterServicesStart` of the session before, while it runs. */
  #afterStart: Promise<unknown> = Promise.resolve();

  constructor(options: RestoreSessionOptions) {
    this.#options = options;
    this.#watch = new ServiceWatch(options);
  }

  async enter(entering: Entering, signal: AbortSignal): Promise<void> {
    this.#noteLatest(entering);
    await this.#afterStart;
    const opened = await this.#locked(() => this.#register(entering, signal), signal);
    if (opened === undefined) return;
    // Without the lock: a handler may take long, and it may block its process.
    try {
      await this.#callBeforeStop(entering, opened, signal);
    } catch (error) {
      await this.#locked(() => this.#failBeforeStop(entering, error));
    }
    await this.#locked(() => this.#stopWith(entering, signal));
  }

  prepared(restoring: Restoring): Promise<void> {
    return this.#locked(async () => {
      if (this.#isOutdated(restoring)) throw outdatedError(restoring);
      const journal = this.#open();
      if (journal === undefined && this.#options.settings.services.length === 0) return;
      if (journal?.session.components.find(restoring)?.phase !== "preparing") {
        throw new WsbError(
          "ERR_WSB_SERVICE",
          `The restore session ended while component ${show(restoring)} was being prepared. Run the restore again.`,
        );
      }
      // Before the last look: whatever starts after that look is seen.
      await this.#watch.watch(journal.session);
      await this.#refuseRunning(journal.session);
      journal.write([prepareComponent(journal.session, restoring)]);
    });
  }

  finish(restoring: Restoring, end: ComponentEnd): Promise<void> {
    return this.#locked(async () => {
      // Its caller was told that it failed, and has called again since.
      if (end.kind === "notPrepared" && this.#isOutdated(restoring)) return;
      await this.#finish(restoring, end);
      this.#latest.delete(keyOf(restoring.component, restoring.client));
    });
  }

  /** Notes which PreRestore of a component is the latest: an earlier one may still end. */
  #noteLatest({ component, client, call }: Entering): void {
    if (call !== undefined) this.#latest.set(keyOf(component, client), call);
  }

  #isOutdated({ component, client, call }: Restoring): boolean {
    const latest = this.#latest.get(keyOf(component, client));
    return call !== undefined && latest !== undefined && latest !== call;
  }

  /** Runs work with the lock held, then what its end leads to without the lock. */
  async #locked<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    let result: T;
    try {
      result = await this.#options.lock(work, signal);
    } catch (error) {
      try {
        await this.#callAfterStart();
      } catch (after) {
        throw new WsbError("ERR_WSB_HANDLER", bothSentences(error, after), { cause: error });
      }
      throw error;
    }
    await this.#callAfterStart();
    return result;
  }

  async #callAfterStart(): Promise<void> {
    const started = this.#started;
    if (started === undefined) return;
    this.#started = undefined;
    const { hooks, lock } = this.#options;
    const called = callThen(
      () => hooks.afterServicesStart(started.info),
      () => lock(async () => this.#endAfterStart(started)),
    );
    this.#afterStart = called.catch(() => {});
    await called;
  }

  /** Ends a session after its last handler, unless somebody else has ended it. */
  #endAfterStart({ sessionId, outcome }: Started): void {
    const journal = this.#options.store.open();
    if (journal?.session.sessionId !== sessionId || journal.session.phase !== "started") return;
    endSession(this.#options, journal, outcome);
  }

  /**
   * Opens or joins the session, and notes the component.
   *
   * @returns The session when its services must still stop after `beforeServicesStop`.
   */
  async #register(entering: Entering, signal: AbortSignal): Promise<Session | undefined> {
    const found = await this.#openUnfinished();
    const journal = found ?? (await beginSession(this.#options, entering));
    if (journal === undefined) return undefined;
    try {
      if (found?.session.phase === "opened") await takeOverOpened(this.#options, found);
      // First: when this process dies over the next step, somebody is there.
      await this.#options.ensureGuardian(journal.session.sessionId);
      const mustStop = await joinSession(this.#options, journal, entering);
      if (!mustStop) return undefined;
      if (journal.session.phase === "opened") return journal.session;
      await stopServices(this.#options, journal, signal);
    } catch (error) {
      await this.#undoEnter(entering, journal, error);
    }
    return undefined;
  }

  /**
   * Opens the journal of a session that calls can join.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when a service of a session that ends here does not start.
   */
  async #openUnfinished(): Promise<OpenJournal | undefined> {
    const journal = this.#open();
    if (journal?.session.phase !== "started") return journal;
    // Its process ended before its mark did; another add-in may have passed a service to it since.
    if (owedNames(journal.session).length > 0) {
      await startOwed(this.#options, journal, "completed");
    }
    // This process still calls the handler and finds the end recorded later, or another one has ended.
    const { pid, startedAt } = journal.session.server;
    const { server } = this.#options;
    const isOurs = pid === server.pid && startedAt === server.startedAt;
    if (!isOurs) reportInterrupted(this.#options, journal);
    endSession(this.#options, journal, "completed");
    return undefined;
  }

  /** @throws {@link WsbError} `ERR_WSB_JOURNAL` when the journal is damaged. */
  #open(): OpenJournal | undefined {
    const journal = this.#options.store.open();
    if (journal?.session.damage !== undefined) throw damagedError(journal.session);
    return journal;
  }

  #callBeforeStop(
    { component, client, noRollForward }: Entering,
    session: Session,
    signal: AbortSignal,
  ): Promise<void> {
    const { sessionId } = session;
    if (this.#beforeStop?.sessionId !== sessionId) {
      const services = session.services
        .filter(({ stateBefore }) => stateBefore !== "STOPPED")
        .map(({ name }) => name);
      const info = { restoring: { component, client }, noRollForward, services };
      const called =
        services.length === 0
          ? Promise.resolve()
          : this.#options.hooks.beforeServicesStop(info, signal);
      this.#beforeStop = { sessionId, called };
    }
    return this.#beforeStop.called;
  }

  async #stopWith(entering: Entering, signal: AbortSignal): Promise<void> {
    const journal = this.#open();
    const progress = journal?.session.components.find(entering);
    if (journal === undefined || progress?.phase !== "preparing") {
      throw new WsbError(
        "ERR_WSB_SERVICE",
        `The restore session ended before the services were stopped for component ${show(entering)}. Run the restore again.`,
      );
    }
    // Another client's PreRestore may have stopped them.
    if (journal.session.phase === "open") return;
    try {
      await stopServices(this.#options, journal, signal);
    } catch (error) {
      await this.#undoEnter(entering, journal, error);
    }
  }

  /** Takes back what `enter` did for a component, after `beforeServicesStop` failed. */
  async #failBeforeStop(restoring: Restoring, error: unknown): Promise<never> {
    const journal = this.#open();
    if (journal === undefined) throw error;
    return this.#undoEnter(restoring, journal, error);
  }

  /** Takes back what `enter` did for a component, after `error`, and throws it. */
  async #undoEnter(restoring: Restoring, journal: OpenJournal, error: unknown): Promise<never> {
    if (this.#isOutdated(restoring)) throw error;
    const { session } = journal;
    const text = errorSentence(error);
    try {
      // Only where a service did not stop: what fails before leaves the other components as they are.
      if (session.settings.onPreRestoreFailure === "keepStopped" && session.phase === "stopping") {
        journal.write([leaveComponent(session, restoring, text)]);
      } else {
        journal.writeIfPossible([failEntering(session, restoring, text)]);
        await this.#settle(journal, "failed");
      }
    } catch (restart) {
      throw new WsbError("ERR_WSB_SERVICE", bothSentences(error, restart), { cause: error });
    }
    throw error;
  }

  async #finish(restoring: Restoring, end: ComponentEnd): Promise<void> {
    const { living, emit, settings } = this.#options;
    const journal = await this.#openUnfinished();
    if (journal === undefined && settings.services.length === 0) return;
    journal?.writeIfPossible(abandonLost(journal.session, living));
    const found = journal?.session.components.find(restoring);
    if (journal === undefined || found === undefined || !isToFinish(found)) {
      const text = `Component ${show(restoring)} is finished without being prepared.`;
      emit({ event: "message", level: "warn", text });
      // Only a PreRestore that succeeded makes files whole again: an abandoned component stays so.
      if (journal !== undefined) await this.#settle(journal, "completed");
      return;
    }
    if (end.kind === "restored") await this.#watch.note(journal);
    const ran = await this.#ranWhileRestored(journal.session, restoring, end);
    journal.writeIfPossible(endOf(journal.session, restoring, ran ?? end));
    if (ran !== undefined) await this.#failOverRunning(journal, ran.text);
    await this.#settle(journal, end.kind === "restored" ? "completed" : "failed");
  }

  /** @throws {@link WsbError} `ERR_WSB_SERVICE` when a service of the session runs now. */
  async #refuseRunning(session: Session): Promise<void> {
    const running = await listRunning(this.#options, session);
    if (running.length === 0) return;
    const names = running.map(({ name, state }) => `${name} (${state})`).join(", ");
    throw new WsbError(
      "ERR_WSB_SERVICE",
      `Somebody started services that this restore needs stopped: ${names}. Find the program that starts them, such as a monitoring service, and run the restore again.`,
    );
  }

  /** Looks whether services ran that were to be stopped while a component was restored. */
  async #ranWhileRestored(
    session: Session,
    restoring: Restoring,
    end: ComponentEnd,
  ): Promise<Extract<ComponentEnd, { readonly kind: "postRestoreFailed" }> | undefined> {
    const isPreparing = session.components.find(restoring)?.phase === "preparing";
    if (end.kind !== "restored" || isPreparing || session.phase === "starting") return undefined;
    const running = await listRunning(this.#options, session);
    const names = [
      ...new Set([...session.components.ranDuring(restoring), ...running.map(({ name }) => name)]),
    ];
    if (names.length === 0) return undefined;
    const text = `These services ran while the component's files were restored: ${names.join(", ")}. Find the program that started them, such as a monitoring service, and restore the component again.`;
    return { kind: "postRestoreFailed", text };
  }

  async #failOverRunning(journal: OpenJournal, text: string): Promise<never> {
    const error = new WsbError("ERR_WSB_SERVICE", text);
    try {
      await this.#settle(journal, "failed");
    } catch (kept) {
      throw new WsbError("ERR_WSB_SERVICE", bothSentences(error, kept), { cause: error });
    }
    throw error;
  }

  /**
   * Does what is due after a component has ended.
   *
   * @throws {@link WsbError} `ERR_WSB_SERVICE` when services do not start, or stay stopped.
   */
  async #settle(journal: OpenJournal, outcome: SessionOutcome): Promise<void> {
    const { session } = journal;
    switch (dueOf(session)) {
      case "wait":
        return;
      case "start":
        this.#watch.close();
        await startOwed(this.#options, journal, outcome);
        this.#endStarted(journal, outcome);
        return;
      case "keepStopped":
        if (!this.#options.isGuardianToDecide && session.phase !== "abandoned") {
          keepAbandoned(this.#options, journal);
        }
        if (owedNames(session).length === 0) return;
        throw new WsbError("ERR_WSB_SERVICE", abandonedText(session));
    }
  }

  /** Ends the session, or notes that `afterServicesStart` is called before its end. */
  #endStarted(journal: OpenJournal, outcome: SessionOutcome): void {
    const { session } = journal;
    const info = startedInfo(session);
    if (info === undefined) {
      endSession(this.#options, journal, outcome);
    } else {
      noteStarted(journal, "server");
      this.#started = { sessionId: session.sessionId, outcome, info };
    }
  }
}

function outdatedError(restoring: Restoring): WsbError {
  return new WsbError(
    "ERR_WSB_SERVICE",
    `PreRestore of component ${show(restoring)} was called again before this one ended. The later call counts.`,
  );
}

/**
 * Tells whether a PostRestore finishes a component. It may be late: a client that Windows did not tell
 * was silent for so long that its component was given up. After a PostRestore that failed, another
 * one alone makes no file whole.
 */
function isToFinish(progress: ComponentProgress): boolean {
  return isActive(progress) || (progress.phase === "abandoned" && progress.outcome === "ok");
}

/** Notes how a component's restore ended. */
function endOf(session: Session, restoring: Restoring, end: ComponentEnd): readonly Change[] {
  switch (end.kind) {
    case "restored":
      return finishComponent(session, restoring);
    case "notPrepared":
      return [failPreparing(session, restoring, end.text)];
    case "postRestoreFailed":
      return [failRestoring(session, restoring, end.text)];
  }
}

/** Does the second even when the first fails; the first failure is thrown. */
async function callThen(first: () => Promise<void>, second: () => Promise<void>): Promise<void> {
  try {
    await first();
  } finally {
    await second();
  }
}
