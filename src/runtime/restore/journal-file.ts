import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";

import { readDurably, sizeDurably, writeDurably } from "../../base/durable-file.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { isMissingFile } from "../../base/file-error.ts";
import type { NativeBinding } from "../native/binding.ts";
import { addinFolder, kitFolder } from "../../base/program-data.ts";
import { formatJournal, parseJournal, type Journal } from "./journal.ts";

/** Where the journal of one add-in is kept. */
export interface JournalStore {
  /** Path, for messages. */
  readonly file: string;
  /**
   * The journal of the open session; `undefined` when there is none. A file that is damaged or
   * another add-in's is renamed, reported, and never obeyed.
   *
   * @throws {@link WsbError} `ERR_WSB_JOURNAL` when it cannot be read.
   */
  read(): Journal | undefined;
  /** @throws {@link WsbError} `ERR_WSB_JOURNAL`; the journal before stands then. */
  write(journal: Journal): void;
  /** Ends the journal with its session; one that is gone is fine. */
  remove(): void;
}

export interface JournalStoreOptions {
  readonly api: Pick<NativeBinding, "createProtectedFolder">;
  readonly clsid: string;
  /** Told the new path of a file that was set aside, and why. */
  readonly onSetAside: (path: string, why: string) => void;
}

// A session of 10,000 components with names of a thousand characters; what is larger is no journal.
const MAX_BYTES = 64 * 1024 * 1024;

/** Path of an add-in's journal. */
export function journalPath(clsid: string): string {
  return join(addinFolder(clsid), "session.json");
}

function journalError(what: string, file: string, error: unknown, nextStep: string): WsbError {
  return new WsbError(
    "ERR_WSB_JOURNAL",
    `Cannot ${what} the journal ${file}: ${errorText(error)}. ${nextStep}`,
    { cause: error },
  );
}

/** Keeps the journal in a file below ProgramData that only SYSTEM and Administrators can reach. */
export class JournalFile implements JournalStore {
  readonly file: string;
  readonly #options: JournalStoreOptions;

  constructor(options: JournalStoreOptions) {
    this.#options = options;
    this.file = journalPath(options.clsid);
  }

  read(): Journal | undefined {
    const text = this.#readText();
    if (text === undefined) return undefined;
    const { clsid } = this.#options;
    const journal = parseJournal(text);
    if (journal?.clsid === clsid) return journal;
    this.#setAside(
      journal === undefined
        ? "it is damaged, or of another version of wsb-addin"
        : `it belongs to the add-in ${journal.clsid}`,
    );
    return undefined;
  }

  write(journal: Journal): void {
    const { api, clsid } = this.#options;
    try {
      api.createProtectedFolder(kitFolder());
      api.createProtectedFolder(addinFolder(clsid));
      writeDurably(this.file, formatJournal(journal));
    } catch (error) {
      throw journalError(
        "write",
        this.file,
        error,
        "Check that the disk has room and that the folder belongs to SYSTEM or Administrators.",
      );
    }
  }

  remove(): void {
    try {
      rmSync(this.file, { force: true, maxRetries: 20, retryDelay: 25 });
    } catch (error) {
      throw journalError("remove", this.file, error, "Remove it by hand: the session has ended.");
    }
  }

  /** Reads the file's text; `undefined` when there is none, or when it cannot be a journal. */
  #readText(): string | undefined {
    try {
      if (sizeDurably(this.file) <= MAX_BYTES) return readDurably(this.file);
    } catch (error) {
      if (isMissingFile(error)) return undefined;
      throw journalError("read", this.file, error, "Run the command from an elevated prompt.");
    }
    this.#setAside(`it is larger than ${MAX_BYTES} bytes`);
    return undefined;
  }

  #setAside(why: string): void {
    const { clsid, onSetAside } = this.#options;
    const time = new Date().toISOString().replaceAll(/[:.]/gu, "-");
    const aside = join(addinFolder(clsid), `session.damaged-${time}-${process.pid}.json`);
    try {
      renameSync(this.file, aside);
    } catch (error) {
      // Another process was quicker.
      if (isMissingFile(error)) return;
      throw journalError("set aside", this.file, error, "Move it away by hand.");
    }
    onSetAside(aside, why);
  }
}
