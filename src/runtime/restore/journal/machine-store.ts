import { join } from "node:path";

import type { Disk } from "../../../base/disk.ts";
import { createLog } from "../../../base/durable-log/create-log.ts";
import type { DurableLog } from "../../../base/durable-log/durable-log.ts";
import { openLog } from "../../../base/durable-log/open-log.ts";
import { readLog } from "../../../base/durable-log/read-log.ts";
import type { LogContents } from "../../../base/durable-log/scan.ts";
import { WsbError, errorText } from "../../../base/errors.ts";
import { isMissingFile } from "../../../base/file-error.ts";
import type { ProcessIdentity } from "../../../base/process-identity.ts";
import { foldName } from "../../../base/service-name.ts";
import { addinFolder } from "../../../base/program-data.ts";
import type { SessionOutcome } from "../../events/definitions.ts";
import { errorsTo, type Emit } from "../../events/emit.ts";
import { isForeign } from "../../native/foreign.ts";
import { damagedSession, judge, oweMarked, type Found } from "./found.ts";
import type { Marks } from "./mark.ts";
import { SessionFold, owedServices, type Session } from "./session.ts";
import {
  readStep,
  type Change,
  type JournalService,
  type Opened,
  type SessionSettings,
  type Step,
} from "./step.ts";
import type { JournalStore, OpenJournal } from "./store.ts";
import { readOldJournal, type OldJournals } from "./version-1.ts";

export interface MachineJournalOptions {
  /** Makes the folder of the journal, which nobody else can open. */
  readonly makeFolder: () => void;
  readonly clsid: string;
  readonly marks: Marks;
  /** Opens no file that somebody else could have changed. */
  readonly disk: Disk;
  readonly old: OldJournals;
  readonly emit: Emit;
  /** The manifest's choices, for a session of which nothing else is left. */
  readonly settings: SessionSettings;
  /** This process, if it serves calls. */
  readonly server?: ProcessIdentity;
}

/** Path of an add-in's journal. */
function journalPath(clsid: string): string {
  return join(addinFolder(clsid), "session.log");
}

/** Keeps the journal in a log below ProgramData that only SYSTEM and Administrators can reach. */
export class MachineJournal implements JournalStore {
  readonly file: string;
  readonly #options: MachineJournalOptions;
  #last: LoggedJournal | undefined;

  constructor(options: MachineJournalOptions) {
    this.#options = options;
    this.file = journalPath(options.clsid);
  }

  get sessionId(): string | undefined {
    return this.#last?.session.sessionId;
  }

  peek(): Session | undefined {
    const found = this.#judge(this.#readLog(() => {}));
    if (found.kind === "open" || found.kind === "damaged") return found.session;
    return readOldJournal(this.#options.old, this.#options)?.session;
  }

  open(): OpenJournal | undefined {
    this.#last = this.#reread() ?? this.#openAnew();
    return this.#last;
  }

  begin(opened: Opened, services: readonly JournalService[]): OpenJournal {
    const first = stepOf([opened, { type: "services", services }]);
    return this.#create([first]);
  }

  /** What this process opened last, with what others have written since; `undefined` to open anew. */
  #reread(): LoggedJournal | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const mark = this.#options.marks.read(this.#options.clsid);
    const isSame = typeof mark === "object" && mark.sessionId === last.session.sessionId;
    if (isSame && last.readNew()) {
      oweMarked(last.session, mark);
      return last;
    }
    last.close();
    return undefined;
  }

  #openAnew(): LoggedJournal | undefined {
    const contents = this.#readLog(errorsTo(this.#options.emit));
    const found = this.#judge(contents);
    switch (found.kind) {
      case "open":
        if (this.#isOlder(found.session)) {
          this.#setAsideOlder();
          return this.#outdated(contents);
        }
        if (contents?.end === "torn") this.#reportTorn();
        return this.#logged(found.session, openLog(this.file, this.#options.disk)?.log);
      case "damaged":
        return this.#logged(this.#remembered(found.session, contents), undefined);
      case "unmarked":
        this.#setAsideUnmarked(found.session);
        break;
      case "remainder":
        this.#options.marks.remove(this.#options.clsid);
        break;
      case "none":
        break;
    }
    return this.#takeOverOld();
  }

  /** An older copy of the same journal came back from a backup: this process knows of later steps. */
  #isOlder({ sessionId, steps }: Session): boolean {
    const known = this.#last?.session;
    return known?.sessionId === sessionId && steps < known.steps;
  }

  /** Makes others see the damage: a process that starts later does not know of the later steps. */
  #setAsideOlder(): void {
    try {
      setAside(this.#options.disk, this.file, "damaged");
    } catch (error) {
      this.#options.emit({ event: "message", level: "error", text: errorText(error) });
    }
  }

  #outdated(contents: LogContents | undefined): LoggedJournal {
    const reason = "the journal is older than its session";
    return this.#logged(this.#damaged(this.#last?.session, contents, reason), undefined);
  }

  /** What this process knows of a session whose journal is gone. */
  #remembered(found: SessionFold, contents: LogContents | undefined): SessionFold {
    const known = this.#last?.session;
    if (contents !== undefined || known?.sessionId !== found.sessionId) return found;
    return this.#damaged(known, contents, known.damage ?? "the journal is missing");
  }

  #damaged(
    known: SessionFold | undefined,
    contents: LogContents | undefined,
    reason: string,
  ): SessionFold {
    const { clsid, marks, settings } = this.#options;
    return damagedSession({ clsid, contents, mark: marks.read(clsid), settings }, known, reason);
  }

  /** Reads the log. What somebody else could have written is as good as none. */
  #readLog(report: (text: string) => void): LogContents | undefined {
    try {
      return readLog(this.file, this.#options.disk);
    } catch (error) {
      if (!isForeign(error)) throw error;
      report(errorText(error));
      return undefined;
    }
  }

  /** Takes over a session that release 0.1.0 left open. */
  #takeOverOld(): LoggedJournal | undefined {
    const old = readOldJournal(this.#options.old, this.#options);
    if (old === undefined) return undefined;
    if (old.session.damage !== undefined) return this.#logged(old.session, undefined);
    const journal = this.#create(old.steps);
    this.#options.old.remove(this.#options.clsid);
    return journal;
  }

  #create(steps: readonly Step[]): LoggedJournal {
    const { makeFolder, disk } = this.#options;
    const session = SessionFold.of(steps);
    if (session === undefined) throw new RangeError("A journal begins with its session.");
    makeFolder();
    const log = createLog(this.file, steps, { roomBytes: roomFor(session), disk });
    const journal = this.#logged(session, log);
    try {
      journal.mark(owedServices(session));
    } catch (error) {
      // It may be there without being on the disk: without a journal, it would be damage.
      journal.unmark();
      disk.remove(this.file);
      throw error;
    }
    this.#last = journal;
    return journal;
  }

  #logged(session: SessionFold, log: DurableLog | undefined): LoggedJournal {
    const { clsid, old } = this.#options;
    const files = [this.file, old.path(clsid)];
    return new LoggedJournal(session, log, { ...this.#options, files });
  }

  #judge(contents: LogContents | undefined): Found {
    const { clsid, marks, settings } = this.#options;
    return judge({ clsid, contents, mark: marks.read(clsid), settings });
  }

  #setAsideUnmarked(session: Session): void {
    const { disk, emit } = this.#options;
    const aside = setAside(disk, this.file, "unmarked");
    const { sessionId, openedAt } = session;
    emit({ event: "journalNotObeyed", sessionId, openedAt, file: aside });
  }

  #reportTorn(): void {
    const text = `The last record of ${this.file} was not written to its end, so its step was not taken.`;
    this.#options.emit({ event: "message", level: "warn", text });
  }
}

function stepOf(changes: readonly Change[]): Step {
  return { at: new Date().toISOString(), changes };
}

// For the end of the session and the steps of each service.
const ROOM_BYTES = 16_384;
const SERVICE_BYTES = 2048;

/** The room that a session may still need, in bytes. */
function roomFor({ services, components }: Session): number {
  return ROOM_BYTES + services.length * SERVICE_BYTES + components.roomBytes;
}

/** Renames a file so that nobody obeys it and somebody can look at it. */
function setAside(disk: Disk, file: string, why: "damaged" | "unmarked"): string {
  const time = new Date().toISOString().replaceAll(/[:.]/gu, "-");
  const aside = `${file}.${why}-${time}`;
  try {
    disk.replace(file, aside);
  } catch (error) {
    // Another process was quicker, or there was none.
    if (isMissingFile(error)) return aside;
    throw new WsbError(
      "ERR_WSB_JOURNAL",
      `Cannot set aside the journal ${file}: ${errorText(error)}. Move it away by hand.`,
      { cause: error },
    );
  }
  return aside;
}

interface LoggedOptions extends MachineJournalOptions {
  readonly files: readonly string[];
}

/** A journal that is open; one that is damaged has no log to write to. */
class LoggedJournal implements OpenJournal {
  readonly session: SessionFold;
  readonly #log: DurableLog | undefined;
  readonly #options: LoggedOptions;

  constructor(session: SessionFold, log: DurableLog | undefined, options: LoggedOptions) {
    this.session = session;
    this.#log = log;
    this.#options = options;
  }

  /** Takes in what other processes have written; `false` when the journal must be opened anew. */
  readNew(): boolean {
    try {
      const steps = this.#log?.readNew().map(readStep);
      if (steps === undefined || steps.includes(undefined)) return false;
      for (const step of steps) if (step !== undefined) this.session.apply(step);
      return !this.session.isEnded;
    } catch {
      // Opening it anew tells what is wrong.
      return false;
    }
  }

  reserve(): void {
    this.#log?.reserve(roomFor(this.session));
  }

  write(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    const step = stepOf([...this.#serverChange(), ...changes]);
    this.#log?.append(step);
    this.session.apply(step);
    // Windows cannot replace a file that another process has open, as the next session's begin does.
    if (this.#options.server === undefined) this.#log?.close();
  }

  writeIfPossible(changes: readonly Change[]): void {
    try {
      this.write(changes);
    } catch (error) {
      this.#fail(error);
      this.session.apply(stepOf(changes));
    }
  }

  mark(services: readonly JournalService[]): void {
    const { marks, clsid } = this.#options;
    // In the order in which they stop: of a journal that is lost, only the mark tells it.
    const order = this.session.services.map(({ name }) => foldName(name));
    const place = ({ name }: JournalService): number => order.indexOf(foldName(name)) >>> 0;
    const inOrder = services.toSorted((one, other) => place(one) - place(other));
    marks.write(clsid, { sessionId: this.session.sessionId, services: inOrder });
  }

  markIfPossible(services: readonly JournalService[]): void {
    this.#try(() => this.mark(services));
  }

  end(outcome: SessionOutcome): void {
    if (this.#log !== undefined) this.#try(() => this.write([{ type: "ended", outcome }]));
    else
      for (const file of this.#options.files)
        this.#try(() => setAside(this.#options.disk, file, "damaged"));
    this.unmark();
    this.close();
  }

  /** Removes the mark; a failure is an event. */
  unmark(): void {
    this.#try(() => this.#options.marks.remove(this.#options.clsid));
  }

  close(): void {
    this.#log?.close();
  }

  /** Says that this process serves the add-in now. */
  #serverChange(): readonly Change[] {
    const { server } = this.#options;
    const { pid, startedAt } = this.session.server;
    const isSame = server === undefined || (server.pid === pid && server.startedAt === startedAt);
    return isSame ? [] : [{ type: "server", server }];
  }

  #try(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#options.emit({ event: "message", level: "error", text: errorText(error) });
  }
}
