import { WsbError, errorText } from "./errors.ts";
import { isObject } from "./json.ts";

/**
 * Returns the system's name of the error behind a failed file operation, such as `ENOSPC`.
 *
 * @returns `undefined` for anything else that was thrown.
 */
export function systemErrorName(error: unknown): string | undefined {
  try {
    if (!(error instanceof Error)) return undefined;
    // Node.js' own errors, for example of fs.cp, contain the system's error in a field.
    const system = "info" in error && isObject(error.info) ? error.info : error;
    const code = "code" in system ? system.code : undefined;
    return typeof code === "string" && /^E[A-Z\d]+$/u.test(code) ? code : undefined;
  } catch {
    // A Proxy or a getter may throw; the system's errors are plain.
    return undefined;
  }
}

/** Tells whether an error means that the file or folder does not exist. */
export function isMissingFile(error: unknown): boolean {
  return systemErrorName(error) === "ENOENT";
}

const denials: ReadonlySet<string> = new Set(["EACCES", "EPERM"]);
/** Tells whether an error means that this account may not open the file or folder. */
export function isDeniedFile(error: unknown): boolean {
  const errno = systemErrorName(error);
  return errno !== undefined && denials.has(errno);
}

const fullDisks: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT"]);

/**
 * Turns a failed file operation into an `ERR_WSB_FILE`: what failed, on what, the system's text,
 * next step.
 *
 * @param what The attempt, as in "Cannot write C:\…", without a full stop.
 * @param nextStep What the reader can do. For a full disk, it is always to free some space.
 * @param error The thrown value. An error that is not the file system's is returned unchanged.
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
 * Turns a failed operation on a file that only administrators can access into an error like
 * {@link fileError}, but a denied access becomes `ERR_WSB_ACCESS_DENIED` with the elevated prompt
 * as the next step.
 */
export function protectedFileError(what: string, nextStep: string, error: unknown): unknown {
  const errno = systemErrorName(error);
  if (errno === undefined || !isDeniedFile(error)) return fileError(what, nextStep, error);
  return new WsbError(
    "ERR_WSB_ACCESS_DENIED",
    `${what}: ${errorText(error)}. Run the command from an elevated prompt.`,
    { errno, cause: error },
  );
}

// Other operations of the system that fail with the same kind of error.
const NO_FILE = /^(?:spawn|kill|connect|listen|bind|accept|getaddrinfo)/u;

function isOfFiles(error: unknown): boolean {
  try {
    if (!(error instanceof Error) || !("syscall" in error)) return false;
    return !NO_FILE.test(String(error.syscall));
  } catch {
    return false;
  }
}

/**
 * Gives the code `ERR_WSB_FILE` to a failed file operation without a description.
 *
 * @param error The thrown value. Any other error is returned unchanged.
 */
export function codedFileError(error: unknown): unknown {
  const errno = systemErrorName(error);
  if (errno === undefined || !isOfFiles(error)) return error;
  return new WsbError("ERR_WSB_FILE", `${errorText(error)}.`, { errno, cause: error });
}
