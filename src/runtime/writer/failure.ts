import { errorSentence } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import { HRESULT, isFailure } from "../../base/hresult.ts";
import type { NativeWriterFailure } from "../native/vss-writer.ts";

const writerErrors: ReadonlySet<number> = new Set([
  HRESULT.VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT,
  HRESULT.VSS_E_WRITERERROR_OUTOFRESOURCES,
  HRESULT.VSS_E_WRITERERROR_TIMEOUT,
  HRESULT.VSS_E_WRITERERROR_RETRYABLE,
  HRESULT.VSS_E_WRITERERROR_NONRETRYABLE,
]);

// Bounds a chain of causes that a handler made circular.
const MAX_CAUSES = 10;

/**
 * Describes a failure for the requester. A handler chooses VSS's code by an `hresult` of its error;
 * a limit that has passed is `VSS_E_WRITERERROR_TIMEOUT`, anything else
 * `VSS_E_WRITERERROR_NONRETRYABLE`.
 */
export function writerFailure(error: unknown): NativeWriterFailure {
  const own = hresultOf(error);
  const isWriterError = own !== undefined && writerErrors.has(own);
  return {
    hresult: isWriterError ? own : codeOf(error),
    applicationHresult: own === undefined || isWriterError ? HRESULT.E_FAIL : own,
    message: errorSentence(error),
  };
}

function codeOf(error: unknown): number {
  return error instanceof WsbError && error.code === "ERR_WSB_TIMEOUT"
    ? HRESULT.VSS_E_WRITERERROR_TIMEOUT
    : HRESULT.VSS_E_WRITERERROR_NONRETRYABLE;
}

/** Finds the failure code of an error or of one of its causes. Never throws. */
function hresultOf(error: unknown): number | undefined {
  try {
    let one = error;
    for (let depth = 0; depth < MAX_CAUSES; depth += 1) {
      if (typeof one !== "object" || one === null) return undefined;
      if ("hresult" in one && typeof one.hresult === "number" && isFailure(one.hresult)) {
        return one.hresult >>> 0;
      }
      one = "cause" in one ? one.cause : undefined;
    }
  } catch {
    // A thrown object may have getters that throw.
  }
  return undefined;
}
