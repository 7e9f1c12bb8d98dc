import { join } from "node:path";

import type { Disk } from "../../../base/disk.ts";
import { createLog } from "../../../base/durable-log/create-log.ts";
import type { DurableLog } from "../../../base/durable-log/durable-log.ts";
import { readLog } from "../../../base/durable-log/read-log.ts";
import { WsbError, errorText } from "../../../base/errors.ts";
import { kitFolder } from "../../../base/program-data.ts";
import { errorsTo, type Emit } from "../../events/emit.ts";
import { judgeFreeze, type FoundFreeze } from "./found.ts";
import { FREEZE_JOURNAL_VERSION, type FreezeStep } from "./step.ts";

/** Returns the folder of a writer below ProgramData, with its journal and its guardian's lock. */
export function writerFolder(writerId: string): string {
  return join(kitFolder(), writerId);
}

/** Returns the path of a writer's freeze journal. */
export function freezeJournalPath(writerId: string): string {
  return join(writerFolder(writerId), "freeze.log");
}

export interface FreezeJournalOptions {
  readonly writerId: string;
  /** Makes the folder of the journal, which nobody else can open. */
  readonly makeFolder: () => void;
  /** Opens no file that somebody else could have changed. */
  readonly disk: Disk;
  /** This boot; `null` when Windows does not tell it. */
  readonly boot: string | null;
  readonly emit: Emit;
}

// For the two steps of each freeze. A backup has one freeze, or a few.
const ROOM_BYTES = 16 * 1024;

/**
 * The journal of a writer's freezes. Only the writer's service writes it, and only one process is
 * that service, so it needs no lock. Its guardian looks at it.
 */
export class FreezeJournal {
  readonly file: string;
  readonly #options: FreezeJournalOptions;
  #log: DurableLog | undefined;

  constructor(options: FreezeJournalOptions) {
    this.#options = options;
    this.file = freezeJournalPath(options.writerId);
  }

  /** Reads what an earlier service has left. Never throws: what cannot be read is `unknown`. */
  read(): FoundFreeze {
    const { disk, boot, emit } = this.#options;
    const report = errorsTo(emit);
    try {
      const contents = readLog(this.file, disk);
      const found = judgeFreeze(contents, boot);
      if (contents !== undefined && found.state === "unknown") {
        report(`The journal ${this.file} is damaged, so the application is thawed.`);
      }
      return found;
    } catch (error) {
      report(`The application is thawed, because its journal cannot be read: ${errorText(error)}`);
      return { state: "unknown", failedFreezes: 0 };
    }
  }

  /** Looks whether a freeze has begun, while the service may be writing. Never throws. */
  look(): FoundFreeze["state"] {
    const { disk, boot } = this.#options;
    try {
      return judgeFreeze(readLog(this.file, disk), boot).state;
    } catch {
      return "unknown";
    }
  }

  /**
   * Begins the journal of a backup, with room for all of its steps, while nothing is frozen.
   *
   * @throws {@link WsbError} `ERR_WSB_JOURNAL`, for example when the disk is full; `ERR_WSB_FOREIGN_FILE`.
   */
  begin(failedFreezes: number): void {
    const { makeFolder, disk, boot } = this.#options;
    // Windows replaces no file that is open.
    this.close();
    makeFolder();
    const first: FreezeStep = {
      type: "prepared",
      at: now(),
      version: FREEZE_JOURNAL_VERSION,
      boot,
      failedFreezes,
    };
    const log = createLog(this.file, [first], { roomBytes: ROOM_BYTES, disk });
    // Opens the file, which a freeze has no time for.
    log.reserve(ROOM_BYTES / 2);
    this.#log = log;
  }

  /**
   * Records that the application is about to be frozen; it is on the disk when this returns.
   *
   * @throws {@link WsbError} `ERR_WSB_JOURNAL`; nothing may be frozen then.
   */
  freezing(snapshotSetId: string): void {
    if (this.#log === undefined) {
      const why = "no prepareSnapshot came before the freeze";
      throw new WsbError("ERR_WSB_JOURNAL", `Cannot record the freeze: ${why}. Report this.`);
    }
    // The journal lies where nobody else writes. One that is removed reads as unknown: thawed.
    this.#log.appendReserved({ type: "freezing", at: now(), snapshotSetId } satisfies FreezeStep);
  }

  /** Records that the application was thawed. What fails becomes an event: it is thawed again later. */
  thawed(failedFreezes: number): void {
    try {
      this.#log?.append({ type: "thawed", at: now(), failedFreezes } satisfies FreezeStep);
    } catch (error) {
      errorsTo(this.#options.emit)(errorText(error));
    }
  }

  close(): void {
    this.#log?.close();
    this.#log = undefined;
  }
}

function now(): string {
  return new Date().toISOString();
}
