import { WsbError, type WsbErrorCode } from "../../../base/errors.ts";

/** Exit codes of every command; they are part of the contract with pipelines. */
export const EXIT: {
  readonly done: 0;
  readonly failed: 1;
  readonly usage: 2;
  readonly conflict: 3;
  readonly elevation: 5;
  readonly partlyUndone: 6;
} = {
  done: 0,
  failed: 1,
  usage: 2,
  conflict: 3,
  elevation: 5,
  partlyUndone: 6,
};

const byCode: Readonly<Partial<Record<WsbErrorCode, number>>> = {
  ERR_WSB_INVALID_ARGUMENT: EXIT.usage,
  ERR_WSB_INVALID_MANIFEST: EXIT.usage,
  ERR_WSB_METADATA: EXIT.usage,
  ERR_WSB_WRITABLE_FOLDER: EXIT.usage,
  ERR_WSB_CONFLICT: EXIT.conflict,
  ERR_WSB_ACCESS_DENIED: EXIT.elevation,
  ERR_WSB_UNDO: EXIT.partlyUndone,
};

/** Returns the exit code for a thrown value. */
export function exitCodeOf(error: unknown): number {
  return (error instanceof WsbError ? byCode[error.code] : undefined) ?? EXIT.failed;
}
