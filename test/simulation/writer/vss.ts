import type {
  NativeWriter,
  NativeWriterEvent,
  NativeWriterFailure,
  WriterEventName,
} from "../../../src/runtime/native/vss-writer.ts";
import { Stopped, type Process } from "../machine/processes.ts";
import type { WriterWorld } from "./world.ts";

/** What a requester gets for an event. */
export type VssAnswer = "ok" | "failed" | "no writer";

interface Pending {
  readonly name: WriterEventName;
  readonly set: string;
  readonly settle: (answer: VssAnswer) => void;
}

interface Subscription {
  readonly process: Process;
  readonly onEvent: (event: NativeWriterEvent) => void;
  readonly pending: Map<number, Pending>;
  /** A freeze was delivered, and nothing after it that ends it. */
  isFreezeDelivered: boolean;
}

/** A shadow copy set between its freeze and its thaw: volumes are held. */
export interface HeldSet {
  readonly set: string;
  readonly process: Process;
  /** The thaws of the application when it was frozen for the set. */
  readonly thaws: number;
  /** The limit of VSS has passed, or the requester asks for the thaw: nothing is held. */
  isReleased: boolean;
}

const VSS_LIMIT_MS = 60_000;

/** VSS and the shim: passes the events of requesters to the writer that is subscribed. */
export class Vss {
  readonly #world: WriterWorld;
  readonly #limitsMs: Readonly<Record<WriterEventName, number>>;
  #subscription: Subscription | undefined;
  #ids = 0;
  held: HeldSet | undefined;

  constructor(world: WriterWorld, limitsMs: Readonly<Record<WriterEventName, number>>) {
    this.#world = world;
    this.#limitsMs = limitsMs;
  }

  get hasWriter(): boolean {
    return this.#subscription !== undefined;
  }

  powerCut(): void {
    this.#subscription = undefined;
    this.held = undefined;
  }

  subscribe(
    process: Process,
    onEvent: (event: NativeWriterEvent, writer: NativeWriter) => void,
  ): Promise<NativeWriter> {
    return this.#world.processes.later(process, "vss.subscribe", "", (fault) => {
      if (fault === "error") throw new Error("VSS refused the writer.");
      const one: Subscription = {
        process,
        pending: new Map(),
        isFreezeDelivered: false,
        onEvent: (event) => onEvent(event, writer),
      };
      const writer: NativeWriter = {
        complete: (id, failure) => {
          try {
            return this.#complete(one, id, failure);
          } catch (error) {
            // Its process has died here; the kit has no error to handle.
            if (error instanceof Stopped) return false;
            throw error;
          }
        },
        unsubscribe: () => this.#unsubscribe(one),
      };
      this.#subscription = one;
      process.exits.push(() => this.#lose(one));
      return writer;
    });
  }

  /** Sends an event, and waits for its answer, at most until its limit. */
  send(name: WriterEventName, set: string): Promise<VssAnswer> {
    const one = this.#subscription;
    if (name !== "freeze" && this.held?.set === set) this.held.isReleased = true;
    if (one === undefined) return Promise.resolve("no writer");
    this.#ids += 1;
    const id = this.#ids;
    return new Promise((resolve) => {
      const { scheduler } = this.#world;
      const cancel = scheduler.after(this.#limitsMs[name], () => this.#expire(one, id));
      one.pending.set(id, {
        name,
        set,
        settle: (answer) => {
          cancel();
          one.pending.delete(id);
          resolve(answer);
        },
      });
      this.#deliver(one, id, name, set);
    });
  }

  #deliver(one: Subscription, id: number, name: WriterEventName, set: string): void {
    this.#world.whenAble(one.process, 1 + this.#world.random.below(3), () => {
      // An event that has expired is not delivered.
      if (!one.pending.has(id)) return;
      if (name === "freeze") this.#world.application.wasAsked = true;
      one.isFreezeDelivered = name === "freeze" || (one.isFreezeDelivered && !endsFreeze(name));
      one.onEvent({
        kind: "request",
        id,
        request: {
          event: name,
          backupType: "full",
          components: null,
          snapshotSetId: name === "prepareBackup" || name === "backupComplete" ? null : set,
          volumes: [],
        },
      });
    });
  }

  #expire(one: Subscription, id: number): void {
    const pending = one.pending.get(id);
    if (pending === undefined) return;
    pending.settle("failed");
    // The event loop is blocked and nobody could thaw: the shim ends the process.
    if (one.isFreezeDelivered && endsFreeze(pending.name)) {
      this.#world.processes.end(one.process, "is ended by the shim");
      return;
    }
    this.#world.whenAble(one.process, 1, () => one.onEvent({ kind: "expired", id }));
  }

  #complete(one: Subscription, id: number, failure?: NativeWriterFailure): boolean {
    const { processes, application } = this.#world;
    return processes.now(one.process, "vss.complete", failure?.message ?? "", (fault) => {
      const pending = one.pending.get(id);
      if (pending === undefined || fault === "error") return false;
      const { name, set } = pending;
      if (failure === undefined && name === "freeze") {
        this.held = { set, process: one.process, thaws: application.thaws, isReleased: false };
        this.#world.onFrozen(set);
        this.#watchLimit(set);
      }
      if (failure === undefined && name === "thaw") this.#world.onThawed(set);
      pending.settle(failure === undefined ? "ok" : "failed");
      return true;
    });
  }

  /** VSS aborts a backup that does not thaw. */
  #watchLimit(set: string): void {
    this.#world.scheduler.after(VSS_LIMIT_MS, () => {
      if (this.held?.set === set && !this.held.isReleased) void this.send("abort", set);
    });
  }

  #unsubscribe(one: Subscription): Promise<void> {
    return this.#world.processes.later(one.process, "vss.unsubscribe", "", () => this.#lose(one));
  }

  #lose(one: Subscription): void {
    if (this.#subscription === one) this.#subscription = undefined;
    if (this.held?.process === one.process) this.held.isReleased = true;
    for (const { settle } of one.pending.values()) settle("failed");
  }
}

function endsFreeze(name: WriterEventName): boolean {
  return name === "thaw" || name === "abort" || name === "backupShutdown";
}
