import { WsbError, errorText } from "./errors.ts";
import { isObject } from "./json.ts";

/**
 * Returns the system's name of the error behind a failed file operation, such as `ENOSPC`.
 *
 * @returns `undefined` for anything else that was thrown.
 */
export function systemErrorName(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Errors that Node.js has of its own, as for fs.cp, keep the system's in a field.
  const system = "info" in error && isObject(error.info) ? error.info : error;
  const code = "code" in system ? system.code : undefined;
  return typeof code === "string" && /^E[A-Z\d]+$/u.test(code) ? code : undefined;
}

/** Tells whether an error says that there is no such file or folder. */
export function isMissingFile(error: unknown): boolean {
  return systemErrorName(error) === "ENOENT";
}

const denials: ReadonlySet<string> = new Set(["EACCES", "EPERM"]);
const fullDisks: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Turns a failed file operation into an `ERR_WSB_FILE` with a sentence: what failed, on what, the
 * system's text, next step.
 *
 * @param what The attempt in the form "Cannot write C:\…", without a full stop.
 * @param nextStep What the reader can do; for a full disk it is always to free some space.
 * @param error What was thrown; anything that is not the file system's is returned as it came.
 */
export function fileError(what: string, nextStep: string, error: unknown): unknown {
  const errno = systemErrorName(error);
  if (errno === undefined) return error;
  const hint = fullDisks.has(errno) ? "Free some space on the disk." : nextStep;
  return new WsbError("ERR_WSB_FILE", `${what}: ${errorText(error)}. ${hint}`, {
    errno,
    cause: error,
  });
}

/**
 * Does what {@link fileError} does, for a file that only administrators can reach: a denied access is
 * an `ERR_WSB_ACCESS_DENIED`, and the next step the elevated prompt.
 */
export function protectedFileError(what: string, nextStep: string, error: unknown): unknown {
  const errno = systemErrorName(error);
  if (errno === undefined || !denials.has(errno)) return fileError(what, nextStep, error);
  return new WsbError(
    "ERR_WSB_ACCESS_DENIED",
    `${what}: ${errorText(error)}. Run the command from an elevated prompt.`,
    { errno, cause: error },
  );
}

// What else of the system fails with errors of the same kind.
const NO_FILE = /^(?:spawn|kill|connect|listen|bind|accept|getaddrinfo)/u;

/**
 * Gives a failed file operation that nobody has described the code `ERR_WSB_FILE`.
 *
 * @param error What was thrown; anything else is returned as it came.
 */
export function codedFileError(error: unknown): unknown {
  const errno = systemErrorName(error);
  if (errno === undefined || !(error instanceof Error) || !("syscall" in error)) return error;
  if (NO_FILE.test(String(error.syscall))) return error;
  return new WsbError("ERR_WSB_FILE", `${error.message}.`, { errno, cause: error });
}
