import type { AddinEvent } from "../../../src/runtime/events/definitions.ts";
import type { Process } from "./processes.ts";

/** How it really is with a component, whatever the journal says. */
export interface FilesRecord {
  readonly addin: number;
  readonly component: number;
  readonly client: Process;
  readonly isKnown: boolean;
  /** Being copied; given up half way; copied, and PostRestore is being served or has failed. */
  state: "restoring" | "half" | "finishing";
  /** The services that are down while it is copied. */
  readonly services: ReadonlySet<string>;
  /** Somebody chose to start the services, whatever these files are. */
  isChosen: boolean;
  /** A service ran while the files were copied, and somebody could see it. */
  ran: string | undefined;
}

/** A call of a client. */
export interface CallRecord {
  readonly addin: number;
  readonly server: Process;
  readonly beganMs: number;
  /** The last state that the server saw of each service during this call. */
  readonly looks: Map<string, string>;
  isAnswered: boolean;
}

export interface Recorded {
  readonly process: Process;
  readonly event: AddinEvent;
}

function isServed({ isAnswered, server }: CallRecord): boolean {
  return !isAnswered && server.state !== "dead";
}

/** What really is, for the invariants; no code of the kit sees it. */
export class Truth {
  readonly files = new Map<string, FilesRecord>();
  readonly calls = new Set<CallRecord>();
  readonly events: Recorded[] = [];
  /** Services that the kit has stopped and that have not run since, with the add-in. */
  readonly owed = new Map<string, number>();
  /** Add-ins whose services somebody is about to start, whatever the files are. */
  readonly choosing = new Set<number>();
  /** When a service became disabled. */
  readonly disabledMs = new Map<string, number>();
  /** Services that somebody wants as they are: stopped, disabled or deleted by hand. */
  readonly byHand = new Set<string>();
  isFullFromStart = false;
  /** When a client last ended, by add-in. */
  readonly clientEndedMs = new Map<number, number>();
  /** Add-ins for which the kit may wait, such as for a client that Windows did not tell. */
  readonly unsure = new Set<number>();
  /**
   * Clients for which the kit may wait though they have nothing to finish: a call met the end of its
   * server, or PreRestore failed and keeps the services stopped until the client ends or tries again.
   */
  readonly awaited = new Set<Process>();

  /** Clients that Windows does not tell are one. */
  static key(addin: number, component: number, client: Process | undefined): string {
    return `${addin}/${component}/${client?.identity.pid ?? "unknown"}`;
  }

  filesOf(addin: number): readonly FilesRecord[] {
    return [...this.files.values()].filter((one) => one.addin === addin);
  }

  /** Whether the kit may wait for a client that has nothing to finish any more. */
  isUnsure(addin: number): boolean {
    const isAwaited = (one: Process): boolean => one.addin === addin && one.state === "runs";
    return this.unsure.has(addin) || [...this.awaited].some(isAwaited);
  }

  /** Whether a call to an add-in is being served. */
  isBusy(addin: number): boolean {
    return [...this.calls].some((one) => one.addin === addin && isServed(one));
  }

  /** Settles a component that a client has restored as a whole. */
  restored(addin: number, component: number, restored: FilesRecord): void {
    for (const [key, one] of this.files) {
      const isSame = one.addin === addin && one.component === component;
      if (one === restored || (isSame && one.state !== "restoring")) this.files.delete(key);
    }
  }

  /** Somebody decided about half-restored files. */
  decided(addin: number): void {
    for (const [key, one] of this.files) {
      if (one.addin === addin && one.state === "half") this.files.delete(key);
    }
  }

  /** Somebody chooses to start the services of an add-in now. */
  choose(addin: number): void {
    for (const one of this.filesOf(addin)) one.isChosen = true;
  }

  clientEnded(client: Process, nowMs: number): void {
    this.clientEndedMs.set(client.addin, nowMs);
    for (const one of this.files.values()) {
      if (one.client === client && one.state === "restoring") one.state = "half";
    }
  }
}
