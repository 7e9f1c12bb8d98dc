import type { ProcessIdentity } from "../base/process-identity.ts";
import { SessionFold, type Session } from "../runtime/restore/journal/session.ts";
import {
  readStep,
  type Change,
  type JournalService,
  type Opened,
  type Step,
} from "../runtime/restore/journal/step.ts";
import type { JournalStore, OpenJournal } from "../runtime/restore/journal/store.ts";

/** A journal in memory, whose steps are written and read as on a disk. */
export class MemoryJournal implements JournalStore {
  readonly file: string = "session.log";
  /** Called before each step and before the end; an error fails it. */
  onWrite: () => void = () => {};
  #records: string[] = [];

  get sessionId(): string | undefined {
    return this.peek()?.sessionId;
  }

  /** The steps of the open session. */
  get steps(): readonly Step[] {
    return this.#records.map((record) => {
      const step = readStep(JSON.parse(record));
      if (step === undefined) throw new Error(`Not a step: ${record}`);
      return step;
    });
  }

  peek(): Session | undefined {
    return SessionFold.of(this.steps);
  }

  open(server?: ProcessIdentity): OpenJournal | undefined {
    const session = SessionFold.of(this.steps);
    return session && this.#journal(session, server);
  }

  begin(opened: Opened, services: readonly JournalService[]): OpenJournal {
    this.#records = [];
    this.#append([opened, { type: "services", services }]);
    const session = SessionFold.of(this.steps);
    if (session === undefined) throw new Error("The journal did not begin with its session.");
    return this.#journal(session, opened.server);
  }

  #append(changes: readonly Change[]): Step {
    const step = { at: new Date().toISOString(), changes };
    this.onWrite();
    this.#records.push(JSON.stringify(step));
    return step;
  }

  #journal(session: SessionFold, server: ProcessIdentity | undefined): OpenJournal {
    const write = (changes: readonly Change[]): void => {
      if (changes.length === 0) return;
      const isNew = server !== undefined && server.pid !== session.server.pid;
      session.apply(this.#append(isNew ? [{ type: "server", server }, ...changes] : changes));
    };
    return {
      session,
      reserve() {},
      write,
      writeIfPossible: (changes) => {
        try {
          write(changes);
        } catch {
          session.apply({ at: new Date().toISOString(), changes });
        }
      },
      mark() {},
      markIfPossible() {},
      end: () => {
        try {
          this.onWrite();
          this.#records = [];
        } catch {
          // Whoever comes next tries again.
        }
      },
    };
  }
}
