import { formatHresult } from "./hresult.ts";

/** The codes of {@link WsbError}; docs/errors.md has a section for each. */
export const WSB_ERROR_CODES = [
  "ERR_WSB_INVALID_ARGUMENT",
  "ERR_WSB_INVALID_MANIFEST",
  "ERR_WSB_METADATA",
  "ERR_WSB_UNSUPPORTED_PLATFORM",
  "ERR_WSB_NATIVE_LOAD",
  "ERR_WSB_FILE",
  "ERR_WSB_WINDOWS_API",
  "ERR_WSB_ACCESS_DENIED",
  "ERR_WSB_CONFLICT",
  "ERR_WSB_WRITABLE_FOLDER",
  "ERR_WSB_FOREIGN_FILE",
  "ERR_WSB_UNDO",
  "ERR_WSB_SERVICE",
  "ERR_WSB_JOURNAL",
  "ERR_WSB_HANDLER",
  "ERR_WSB_TIMEOUT",
  "ERR_WSB_INCONSISTENT",
  "ERR_WSB_CHECKER",
  "ERR_WSB_PROGRAM",
  "ERR_WSB_BUILD",
  "ERR_WSB_DOTNET",
  "ERR_WSB_TARGET_EXISTS",
  "ERR_WSB_GENERATOR",
  "ERR_WSB_LAB",
] as const;

/** The stable code of a {@link WsbError}. Programs decide by it, never by the text. */
export type WsbErrorCode = (typeof WSB_ERROR_CODES)[number];

/** Tells whether a value is the code of a {@link WsbError} of any copy of that class. */
export function isWsbErrorCode(value: unknown): value is WsbErrorCode {
  return WSB_ERROR_CODES.some((code) => code === value);
}

/** The details of a {@link WsbError} besides its text. */
export interface WsbErrorDetails {
  /** The HRESULT of the Windows call that failed, unsigned. */
  readonly hresult?: number;
  /** The Windows function that failed, for example `RegCreateKeyExW`. */
  readonly api?: string;
  /** The system's name of a failed file operation's error, for example `ENOSPC`. */
  readonly errno?: string;
  readonly cause?: unknown;
}

/**
 * The error that the kit throws for every failure it expects.
 *
 * Its message tells a person what failed and the next step; its `code` is for programs.
 */
export class WsbError extends Error {
  readonly code: WsbErrorCode;
  declare readonly hresult?: number;
  declare readonly api?: string;
  declare readonly errno?: string;

  constructor(code: WsbErrorCode, message: string, details: WsbErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.name = "WsbError";
    this.code = code;
    if (details.hresult !== undefined) this.hresult = details.hresult >>> 0;
    if (details.api !== undefined) this.api = details.api;
    if (details.errno !== undefined) this.errno = details.errno;
  }
}

/** The failed Windows call that the shim attaches to an error. */
export interface NativeFailure {
  readonly hresult: number;
  readonly api: string;
  readonly message: string;
}

/** Reads the shim's description of a failed Windows call from a thrown value. */
export function nativeFailure(error: unknown): NativeFailure | undefined {
  try {
    if (!(error instanceof Error) || !("hresult" in error) || !("api" in error)) return undefined;
    const { hresult, api } = error;
    if (typeof hresult !== "number" || typeof api !== "string") return undefined;
    return { hresult: hresult >>> 0, api, message: errorText(error) };
  } catch {
    // A Proxy or a getter may throw; the shim's errors are plain.
    return undefined;
  }
}

function isWsbError(error: unknown): boolean {
  try {
    return error instanceof WsbError;
  } catch {
    return false;
  }
}

const ACCESS_DENIED = 0x80070005;

/**
 * Turns a failed Windows call into an error: what failed, on what, Windows' text, code, next step.
 *
 * @param what The attempt, as in "Cannot create HKLM\…", without a full stop.
 * @param nextStep What the reader can do. After "access denied" it is always the elevated prompt.
 * @param error The thrown value. An error that is not the shim's is returned unchanged.
 */
export function windowsError(what: string, nextStep: string, error: unknown): unknown {
  const failure = nativeFailure(error);
  if (failure === undefined || isWsbError(error)) return error;
  const denied = failure.hresult === ACCESS_DENIED;
  const systemText = failure.message.replace(/[.\s]+$/u, "");
  const hint = denied ? "Run the command from an elevated prompt." : nextStep;
  return new WsbError(
    denied ? "ERR_WSB_ACCESS_DENIED" : "ERR_WSB_WINDOWS_API",
    `${what}: ${systemText} (${failure.api}, ${formatHresult(failure.hresult)}). ${hint}`,
    { hresult: failure.hresult, api: failure.api, cause: error },
  );
}

function messageOf(error: unknown): unknown {
  if (error instanceof Error) return error.message;
  // An error of another realm or language is not an instance of our class Error.
  const isErrorLike = typeof error === "object" && error !== null && "message" in error;
  return isErrorLike && typeof error.message === "string" ? error.message : error;
}

/** Returns the text of any thrown value, an Error or not; never empty. */
export function errorText(error: unknown): string {
  try {
    // The message or the name may not be a string, whatever its type says.
    const text = String(messageOf(error));
    if (text !== "") return text;
    const name: unknown = error instanceof Error ? error.name : "";
    return String(name) || "an error without a message";
  } catch {
    return "an object without a message was thrown";
  }
}
