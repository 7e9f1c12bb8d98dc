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
export function openJournalFile({ api, clsid, onSetAside }: JournalStoreOptions): JournalStore {
  const file = journalPath(clsid);

  const setAside = (why: string): void => {
    const time = new Date().toISOString().replaceAll(/[:.]/gu, "-");
    const aside = join(addinFolder(clsid), `session.damaged-${time}-${process.pid}.json`);
    try {
      renameSync(file, aside);
    } catch (error) {
      // Another process was quicker.
      if (isMissingFile(error)) return;
      throw journalError("set aside", file, error, "Move it away by hand.");
    }
    onSetAside(aside, why);
  };

  return {
    file,
    read() {
      let text: string;
      try {
        if (sizeDurably(file) > MAX_BYTES) {
          setAside(`it is larger than ${MAX_BYTES} bytes`);
          return undefined;
        }
        text = readDurably(file);
      } catch (error) {
        if (isMissingFile(error)) return undefined;
        if (error instanceof WsbError) throw error;
        throw journalError("read", file, error, "Run the command from an elevated prompt.");
      }
      const journal = parseJournal(text);
      if (journal === undefined) {
        setAside("it is damaged, or of another version of wsb-addin");
        return undefined;
      }
      if (journal.clsid !== clsid) {
        setAside(`it belongs to the add-in ${journal.clsid}`);
        return undefined;
      }
      return journal;
    },
    write(journal) {
      try {
        api.createProtectedFolder(kitFolder());
        api.createProtectedFolder(addinFolder(clsid));
        writeDurably(file, formatJournal(journal));
      } catch (error) {
        throw journalError(
          "write",
          file,
          error,
          "Check that the disk has room and that the folder belongs to SYSTEM or Administrators.",
        );
      }
    },
    remove() {
      try {
        rmSync(file, { force: true, maxRetries: 20, retryDelay: 25 });
      } catch (error) {
        throw journalError("remove", file, error, "Remove it by hand: the services run again.");
      }
    },
  };
}
