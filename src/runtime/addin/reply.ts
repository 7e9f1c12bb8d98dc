import { WsbError, errorText } from "../../base/errors.ts";
import { HRESULT, isFailure } from "../../base/hresult.ts";
import type { MethodName, NativeReply } from "../native/binding.ts";

// What a failure of each method is called, unless the error names an HRESULT of its own.
const stageFailure: Readonly<Record<MethodName, number>> = {
  preRestore: HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED,
  postRestore: HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED,
  orderComponents: HRESULT.E_FAIL,
  isRollForwardSupported: HRESULT.E_FAIL,
  checkConsistency: HRESULT.WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED,
};

/**
 * HRESULT of a failed stage: the one that the error names, if that is a failure code, else the
 * stage's own. Errors of the kit itself stand for their stage: Windows Server Backup knows those.
 */
export function failureHresult(method: MethodName, error: unknown): number {
  try {
    return namedHresult(error) ?? stageFailure[method];
  } catch {
    // What a handler throws may have getters that throw in their turn.
    return stageFailure[method];
  }
}

/** The HRESULT that an error names, in one way or another. */
function namedHresult(error: unknown): number | undefined {
  if (error instanceof WsbError && error.code !== "ERR_WSB_HANDLER") {
    return error.code === "ERR_WSB_TIMEOUT" ? HRESULT.ERROR_TIMEOUT : undefined;
  }
  // What followed a handler's error, a service that does not start, does not change its code.
  const origin = error instanceof WsbError && error.cause !== undefined ? error.cause : error;
  if (typeof origin !== "object" || origin === null) return undefined;
  if ("hresult" in origin && typeof origin.hresult === "number" && isFailure(origin.hresult)) {
    return origin.hresult >>> 0;
  }
  return "name" in origin && origin.name === "AbortError" ? HRESULT.E_ABORT : undefined;
}

/** The answer to a call whose stage failed: never a success code, always with a text. */
export function failureReply(method: MethodName, error: unknown): NativeReply {
  return {
    hresult: failureHresult(method, error),
    // COM error information is a C string: it would end at a NUL.
    description: errorText(error).replaceAll("\0", "\uFFFD"),
  };
}
