import type { Clock } from "../../base/clock.ts";
import { errorText } from "../../base/errors.ts";
import type { SessionMachine } from "./close-session.ts";
import { namesInRestore, type Session } from "./journal/session.ts";
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
  #isFailing = false;
  #watch: { close(): void } | undefined;

  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** Waits, but not longer than until a service runs. */
  async pause(clock: Clock, durationMs: number): Promise<void> {
    await clock.wait(durationMs, this.#wake.signal).catch(() => {});
    this.#wake = new AbortController();
  }

  /** It can watch again after that. */
  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
    this.#watched = "";
  }

  /** Begins to watch the services of a session, also those that did not run when it began. */
  watch(session: Session): Promise<void> {
    return this.#watchServices(namesInRestore(session));
  }

  /**
   * Watches the services of a session, and notes those that have run; what cannot be written now is
   * noted at the next look. The lock must be held.
   */
  async note(journal: OpenJournal): Promise<void> {
    const { session } = journal;
    await this.watch(session);
    const services = this.#ranIn(session);
    if (services.length > 0 && !this.#write(journal, services)) return;
    this.#runs = [];
  }

  /** The services that have run since they were last found stopped, and are not noted. */
  #ranIn({ phase, stoppedAt, components }: Session): readonly string[] {
    if (phase !== "open" || stoppedAt === undefined) return [];
    const since = new Date(stoppedAt);
    // One that ran before is stopped again, and the PreRestore that stopped it has noted it.
    const ran = this.#runs.filter(({ at }) => at > since).map(({ name }) => name);
    return [...new Set(ran)].filter((name) => !components.isRanNoted(name));
  }

  /** A guardian that cannot write goes on with what else is due. */
  #write(journal: OpenJournal, services: readonly string[]): boolean {
    const { emit } = this.#options;
    try {
      journal.write([{ type: "ran", services }]);
    } catch (error) {
      if (!this.#isFailing) emit({ event: "message", level: "error", text: errorText(error) });
      this.#isFailing = true;
      return false;
    }
    this.#isFailing = false;
    emit({ event: "servicesRan", sessionId: journal.session.sessionId, services });
    return true;
  }

  async #watchServices(names: readonly string[]): Promise<void> {
    const key = names.join("/");
    if (key === this.#watched) return;
    this.close();
    this.#watched = key;
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
