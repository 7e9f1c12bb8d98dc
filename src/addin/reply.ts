import { WsbError, errorText } from "../errors.ts";
import { HRESULT, isFailure } from "../hresult.ts";
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
  if (error instanceof WsbError) {
    // What followed a handler's error does not change its code.
    if (error.code === "ERR_WSB_HANDLER" && error.cause !== undefined) {
      return failureHresult(method, error.cause);
    }
    return error.code === "ERR_WSB_TIMEOUT" ? HRESULT.ERROR_TIMEOUT : stageFailure[method];
  }
  if (typeof error === "object" && error !== null) {
    if ("hresult" in error && typeof error.hresult === "number" && isFailure(error.hresult)) {
      return error.hresult >>> 0;
    }
    if ("name" in error && error.name === "AbortError") return HRESULT.E_ABORT;
  }
  return stageFailure[method];
}

/** The answer to a call whose stage failed: never a success code, always with a text. */
export function failureReply(method: MethodName, error: unknown): NativeReply {
  return {
    hresult: failureHresult(method, error),
    // COM error information is a C string: it would end at a NUL.
    description: errorText(error).replaceAll("\0", "\uFFFD"),
  };
}
