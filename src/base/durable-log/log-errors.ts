import { WsbError } from "../errors.ts";
import { fileError } from "../file-error.ts";

/** Returns an `ERR_WSB_JOURNAL` about a log. */
export function logError(what: string, file: string, why: string, nextStep: string): WsbError {
  return new WsbError("ERR_WSB_JOURNAL", `Cannot ${what} the log ${file}: ${why}. ${nextStep}`);
}

export function damagedError(what: string, file: string): WsbError {
  return logError(what, file, "it is damaged", "Keep a copy of the file, and check the disk.");
}

export function replacedError(what: string, file: string): WsbError {
  return logError(what, file, "another file is at its path, or none", "Open the log again.");
}

/** Does something to a log; gives a failure of the file system the code `ERR_WSB_JOURNAL`. */
export function withLogErrors<T>(what: string, file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const described = fileError(
      `Cannot ${what} the log ${file}`,
      "Check the disk and the permissions of the file.",
      error,
    );
    if (!(described instanceof WsbError) || described.errno === undefined) throw error;
    const { errno, message } = described;
    throw new WsbError("ERR_WSB_JOURNAL", message, { errno, cause: error });
  }
}
