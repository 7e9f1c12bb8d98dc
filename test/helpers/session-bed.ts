import type { ProcessIdentity } from "../../src/base/process-identity.ts";
import type { AddinEvent } from "../../src/runtime/events/definitions.ts";
import { formatJournal, parseJournal, type Journal } from "../../src/runtime/restore/journal.ts";
import type { JournalStore } from "../../src/runtime/restore/journal-file.ts";
import { createServiceControl } from "../../src/runtime/restore/service-control.ts";
import type { RestoreSession, RestoreSessionOptions } from "../../src/runtime/restore/session.ts";
import { createRestoreSession } from "../../src/runtime/restore/session.ts";
import type { SessionLock } from "../../src/runtime/restore/session-lock.ts";
import { createLock } from "../../src/testing/engine.ts";
import type { FakeServices } from "./fake-services.ts";
import { CLSID } from "./manifest.ts";
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

/** A machine for restore sessions: journal, services and processes in memory. */
export class SessionBed {
  readonly store: FakeJournal = new FakeJournal();
  readonly processes: FakeProcesses = new FakeProcesses();
  readonly events: AddinEvent[] = [];
  /** The sessions for which a guardian was requested. */
  readonly guarded: string[] = [];
  readonly lock: SessionLock = createLock();
  readonly options: RestoreSessionOptions;

  constructor(api: FakeServices, options: Partial<RestoreSessionOptions> = {}) {
    const emit = (event: AddinEvent): void => {
      this.events.push(event);
    };
    this.options = {
      clsid: CLSID,
      services: ["Ledger"],
      onPreRestoreFailure: "startServices",
      store: this.store,
      control: createServiceControl({ api, serviceTimeoutMs: 1000, emit, clock: virtualClock }),
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

  /** Opens a session of the server `pid`. */
  session(pid: number = SERVER_PID): RestoreSession {
    return createRestoreSession({ ...this.options, server: this.processes.identity(pid) });
  }

  /** `open` and `close` in order; `left` for an end that left services stopped. */
  get ends(): readonly string[] {
    return this.events.flatMap((event) => {
      if (event.event === "sessionOpened") return ["open"];
      if (event.event !== "sessionClosed") return [];
      return [event.leftStopped.length === 0 ? "close" : "left"];
    });
  }
}
