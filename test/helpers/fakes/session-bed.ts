import type { ProcessIdentity } from "../../../src/base/process-identity.ts";
import type { AddinEvent } from "../../../src/runtime/events/definitions.ts";
import { formatJournal, parseJournal, type Journal } from "../../../src/runtime/restore/journal.ts";
import type { JournalStore } from "../../../src/runtime/restore/journal-file.ts";
import { ServiceControl } from "../../../src/runtime/restore/service-control.ts";
import type {
  ComponentEnd,
  RestoreSession,
  RestoreSessionOptions,
} from "../../../src/runtime/restore/session.ts";
import type { Restoring } from "../../../src/runtime/restore/transitions.ts";
import type { Component } from "../../../src/base/component.ts";
import { createRestoreSession } from "../../../src/runtime/restore/session.ts";
import type { SessionLock } from "../../../src/runtime/restore/session-lock.ts";
import { createLock } from "../../../src/testing/engine.ts";
import type { FakeServices } from "./fake-services.ts";
import { CLSID } from "../manifest.ts";
import { virtualClock } from "./virtual-time.ts";

/** A journal in memory that is formatted and parsed as on a disk. */
export class FakeJournal implements JournalStore {
  readonly file: string = "session.json";
  /** The written journals in order; `null` for a removal. */
  readonly written: (Journal | null)[] = [];
  /** Called before each change; an error fails the change. */
  onWrite: (nth: number) => void = () => {};
  #text: string | undefined;

  read(): Journal | undefined {
    return this.#text === undefined ? undefined : parseJournal(this.#text);
  }

  write(journal: Journal): void {
    this.onWrite(this.written.length + 1);
    this.#text = formatJournal(journal);
    this.written.push(journal);
  }

  remove(): void {
    this.onWrite(this.written.length + 1);
    this.#text = undefined;
    this.written.push(null);
  }
}

/** Processes in memory that run until they are ended. */
export class FakeProcesses {
  readonly #ended = new Set<number>();

  identity(pid: number): ProcessIdentity {
    return { pid, startedAt: "1", image: `C:\\client-${pid}.exe` };
  }

  end(pid: number): void {
    this.#ended.add(pid);
  }

  isAlive({ pid }: ProcessIdentity): boolean {
    return !this.#ended.has(pid);
  }
}

export const SERVER_PID = 100;
export const CLIENT_PID = 200;

/** Drives a session whose components are restored by the client that entered them. */
export class SessionDriver {
  readonly #session: RestoreSession;
  readonly #clients: Map<string, ProcessIdentity | null>;

  constructor(session: RestoreSession, clients: Map<string, ProcessIdentity | null>) {
    this.#session = session;
    this.#clients = clients;
  }

  enter(component: Component, client: ProcessIdentity | null, signal: AbortSignal): Promise<void> {
    this.#clients.set(JSON.stringify(component), client);
    return this.#session.enter({ component, client }, signal);
  }

  prepared(component: Component): Promise<void> {
    return this.#session.prepared(this.#restoring(component));
  }

  /** @param outcome `"ok"` after PostRestore, or the text of a PreRestore that failed. */
  finish(component: Component, outcome: string): Promise<void> {
    const end: ComponentEnd =
      outcome === "ok" ? { kind: "restored" } : { kind: "notPrepared", text: outcome };
    return this.#session.finish(this.#restoring(component), end);
  }

  failPostRestore(component: Component, text: string): Promise<void> {
    return this.#session.finish(this.#restoring(component), { kind: "postRestoreFailed", text });
  }

  #restoring(component: Component): Restoring {
    return { component, client: this.#clients.get(JSON.stringify(component)) ?? null };
  }
}

/** A machine for restore sessions: journal, services and processes in memory. */
export class SessionBed {
  readonly store: FakeJournal = new FakeJournal();
  readonly processes: FakeProcesses = new FakeProcesses();
  readonly events: AddinEvent[] = [];
  /** The sessions for which a guardian was requested. */
  readonly guarded: string[] = [];
  readonly lock: SessionLock = createLock();
  readonly options: RestoreSessionOptions;
  readonly #clients = new Map<string, ProcessIdentity | null>();

  constructor(api: FakeServices, options: Partial<RestoreSessionOptions> = {}) {
    const emit = (event: AddinEvent): void => {
      this.events.push(event);
    };
    this.options = {
      clsid: CLSID,
      services: ["Ledger"],
      onPreRestoreFailure: "startServices",
      onAbandonedRestore: "keepStopped",
      store: this.store,
      control: new ServiceControl({ api, emit, clock: virtualClock }),
      serviceTimeoutMs: 1000,
      emit,
      lock: this.lock,
      living: this.processes,
      server: this.processes.identity(SERVER_PID),
      ensureGuardian: (sessionId) => this.guarded.push(sessionId),
      ...options,
    };
  }

  get client(): ProcessIdentity {
    return this.processes.identity(CLIENT_PID);
  }

  /** A session as the server `pid` has it. */
  restoreSession(pid: number = SERVER_PID): RestoreSession {
    return createRestoreSession({ ...this.options, server: this.processes.identity(pid) });
  }

  /** A session of the server `pid`, for components that one client restores each. */
  session(pid: number = SERVER_PID): SessionDriver {
    return new SessionDriver(this.restoreSession(pid), this.#clients);
  }

  /** `open` and `close` as they came; `left` for an end that left services stopped. */
  get ends(): readonly string[] {
    return this.events.flatMap((event) => {
      if (event.event === "sessionOpened") return ["open"];
      if (event.event !== "sessionClosed") return [];
      return [event.leftStopped.length === 0 ? "close" : "left"];
    });
  }
}
