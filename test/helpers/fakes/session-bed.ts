import type { ProcessIdentity } from "../../../src/base/process-identity.ts";
import type { AddinEvent } from "../../../src/runtime/events/definitions.ts";
import type { Holder } from "../../../src/runtime/restore/holders.ts";
import type { Restoring } from "../../../src/runtime/restore/journal/components.ts";
import type { Session } from "../../../src/runtime/restore/journal/session.ts";
import type { SessionSettings } from "../../../src/runtime/restore/journal/step.ts";
import type { EndHooks } from "../../../src/runtime/restore/settle.ts";
import { ServiceControl } from "../../../src/runtime/restore/service-control.ts";
import type {
  ComponentEnd,
  RestoreSession,
  RestoreSessionOptions,
} from "../../../src/runtime/restore/session.ts";
import type { Component } from "../../../src/base/component.ts";
import { noHooks } from "./no-hooks.ts";
import { createRestoreSession } from "../../../src/runtime/restore/session.ts";
import type { SessionLock } from "../../../src/runtime/restore/session-lock.ts";
import { createLock } from "../../../src/testing/engine.ts";
import { MemoryJournal } from "../../../src/testing/journal.ts";
import type { FakeServices } from "./fake-services.ts";
import { CLSID } from "../manifest.ts";
import { virtualClock } from "./virtual-time.ts";

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

/** The choices of a manifest with one service. */
export function settingsWith(settings: Partial<SessionSettings> = {}): SessionSettings {
  return {
    services: ["Ledger"],
    serviceTimeoutMs: 1000,
    abandonAfterMs: 86_400_000,
    onPreRestoreFailure: "startServices",
    onAbandonedRestore: "keepStopped",
    ...settings,
  };
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
    return this.#session.enter({ component, client, noRollForward: false }, signal);
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
  readonly store: MemoryJournal = new MemoryJournal();
  readonly processes: FakeProcesses = new FakeProcesses();
  readonly events: AddinEvent[] = [];
  /** The sessions for which a guardian was requested. */
  readonly guarded: string[] = [];
  readonly lock: SessionLock = createLock();
  readonly options: RestoreSessionOptions;
  /** Called when a guardian is requested, with the lock held. */
  onGuardianWanted: () => void = () => {};
  /** Other add-ins that need services stopped. */
  holders: readonly Holder[] = [];
  readonly endHooks: EndHooks = {
    afterServicesStart: async () => {},
    restoreAbandoned: async () => "keepStopped",
  };
  readonly #clients = new Map<string, ProcessIdentity | null>();

  constructor(
    api: FakeServices,
    {
      hooks = noHooks,
      isGuardianToDecide = false,
      ...settings
    }: Partial<SessionSettings> &
      Partial<Pick<RestoreSessionOptions, "hooks" | "isGuardianToDecide">> = {},
  ) {
    const emit = (event: AddinEvent): void => {
      this.events.push(event);
    };
    this.options = {
      clsid: CLSID,
      settings: settingsWith(settings),
      store: this.store,
      control: new ServiceControl({ api, emit, clock: virtualClock }),
      emit,
      lock: this.lock,
      living: this.processes,
      server: this.processes.identity(SERVER_PID),
      ensureGuardian: async (sessionId) => {
        this.guarded.push(sessionId);
        this.onGuardianWanted();
      },
      findHolders: () => this.holders,
      hooks,
      isGuardianToDecide,
    };
  }

  /** What the journal says now; an error when no session is open. */
  get open(): Session {
    const session = this.store.peek();
    if (session === undefined) throw new Error("No session is open.");
    return session;
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
