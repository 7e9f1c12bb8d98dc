import { HeldEvents } from "../../../src/runtime/events/held-events.ts";
import type { AddinEvent, ThawReason } from "../../../src/runtime/events/definitions.ts";
import {
  Freezer,
  type FreezeRun,
  type FreezerOptions,
} from "../../../src/runtime/writer/freezer.ts";
import type { FoundFreeze } from "../../../src/runtime/writer/journal/found.ts";
import { Scheduler } from "../../simulation/machine/scheduler.ts";

/** A freezer in virtual time, with its surroundings in memory. Everything it does is in `log`. */
export class WriterBed {
  readonly scheduler: Scheduler = new Scheduler();
  readonly log: string[] = [];
  readonly events: AddinEvent[] = [];
  readonly held: HeldEvents = new HeldEvents((event) => {
    this.events.push(event);
    if (event.event !== "message") this.log.push(`event ${event.event}`);
  });
  found: FoundFreeze = { state: "none", failedFreezes: 0 };
  isGuardianReady = false;
  /** Whether the guardian says that it has not thawed. */
  isCertain = true;
  onJournal: () => void = () => {};
  /** Runs in the place of the handler `thaw`. */
  onThaw: (reason: ThawReason) => void | Promise<void> = () => {};
  readonly freezer: Freezer;

  constructor(options: Partial<FreezerOptions> = {}) {
    const { log, scheduler } = this;
    const journal = (text: string): void => {
      log.push(text);
      this.onJournal();
    };
    const isReady = (): boolean => this.isGuardianReady;
    this.freezer = new Freezer({
      journal: {
        read: () => this.found,
        begin: (failed) => journal(`begin ${failed}`),
        freezing: (set) => journal(`freezing ${set}`),
        thawed: (failed) => log.push(`thawed ${failed}`),
        close: () => log.push("close"),
      },
      guardian: {
        get isReady() {
          return isReady();
        },
        start: async () => {
          log.push("guardian starts");
          this.isGuardianReady = true;
        },
        watch: async (ms) => {
          log.push(`watch ${ms}`);
          return this.isCertain;
        },
        end: () => {
          log.push("guardian ends");
          this.isGuardianReady = false;
        },
      },
      thaw: async (reason) => {
        log.push(`thaw ${reason}`);
        await this.onThaw(reason);
      },
      mapStack: (frames) => frames,
      events: this.held,
      clock: scheduler,
      after: (ms, ring) => scheduler.after(ms, ring),
      freezeMs: 10_000,
      frozenMs: 10_000,
      ...options,
    });
  }

  /** Forgets what was logged. */
  async prepared(): Promise<this> {
    await this.freezer.prepare("{S}");
    this.log.length = 0;
    return this;
  }

  /** Prepares, and freezes with a handler that takes no time. */
  async frozen(): Promise<this> {
    await this.prepared();
    await this.freezer.freeze("{S}", () => handlerThat(Promise.resolve()));
    this.freezer.freezeAnswered("{S}", true);
    this.log.length = 0;
    return this;
  }

  /** Thaws for the event of the backup, which has its answer then. */
  async thaw(): Promise<void> {
    await this.freezer.thaw("{S}");
    this.freezer.thawAnswered("{S}");
    await this.pass(1);
  }

  /** Lets time pass, and everything that is due. */
  async pass(ms: number): Promise<void> {
    await this.scheduler.until(this.scheduler.wait(ms));
  }
}

/** A run of a handler that ends when its caller has its answer, or later. */
export function handlerThat(
  answered: Promise<void>,
  ended: Promise<void> = answered.catch(() => {}),
): FreezeRun {
  return { answered, ended, cancel: () => {} };
}
