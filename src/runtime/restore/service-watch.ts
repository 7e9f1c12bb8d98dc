import type { Clock } from "../../base/clock.ts";
import { errorText } from "../../base/errors.ts";
import type { SessionMachine } from "./close-session.ts";
import type { Session } from "./journal/session.ts";
import type { OpenJournal } from "./journal/store.ts";

interface Run {
  readonly name: string;
  readonly at: Date;
}

type WatchOptions = Pick<SessionMachine, "control" | "emit">;

/** Notes in the journal which services run while components are being restored. */
export class ServiceWatch {
  readonly #options: WatchOptions;
  #runs: Run[] = [];
  #wake = new AbortController();
  #watched = "";
  #watch: { close(): void } | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Waits, but not longer than until a service runs. */
  async pause(clock: Clock, durationMs: number): Promise<void> {
    await clock.wait(durationMs, this.#wake.signal).catch(() => {});
    this.#wake = new AbortController();
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  /** Begins to watch the services of a session. */
  watch({ services }: Session): Promise<void> {
    return this.#watchServices(services.map(({ name }) => name));
  }

  /** Watches the services of a session, and notes those that have run. The lock must be held. */
  async note(journal: OpenJournal): Promise<void> {
    const { session } = journal;
    const runs = this.#runs;
    this.#runs = [];
    await this.watch(session);
    if (session.phase !== "open" || session.stoppedAt === undefined) return;
    const stoppedAt = new Date(session.stoppedAt);
    // One that ran before is stopped again, and the PreRestore that stopped it has noted it.
    const ran = runs.filter(({ at }) => at > stoppedAt).map(({ name }) => name);
    if (ran.length === 0) return;
    const services = [...new Set(ran)];
    const { sessionId } = session;
    this.#options.emit({ event: "servicesRan", sessionId, services });
    journal.write([{ type: "ran", services }]);
  }

  async #watchServices(names: readonly string[]): Promise<void> {
    const key = names.join("/");
    if (key === this.#watched) return;
    this.#watched = key;
    this.close();
    try {
      this.#watch = await this.#options.control.watch(names, (name) => {
        this.#runs.push({ name, at: new Date() });
        this.#wake.abort();
      });
    } catch (error) {
      const text = `The services of the restore session cannot be watched: ${errorText(error)}. They are looked at when the next call comes.`;
      this.#options.emit({ event: "message", level: "error", text });
    }
  }
}
