import { describeError, errorSentence, type MapStack } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import { HRESULT, isFailure } from "../../base/hresult.ts";
import type { AddinEvent, CallFields } from "../events/definitions.ts";
import type { MethodName, NativeReply } from "../native/binding.ts";

// The failure code of each method, unless the error has its own HRESULT.
const methodFailure: Readonly<Record<MethodName, number>> = {
  preRestore: HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED,
  postRestore: HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED,
  orderComponents: HRESULT.E_FAIL,
  isRollForwardSupported: HRESULT.E_FAIL,
  checkConsistency: HRESULT.WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED,
};

/** The fields of the event `handlerFailed` that describe the error. */
export type FailureFields = Omit<
  AddinEvent<"handlerFailed">,
  "event" | "sessionId" | keyof CallFields
>;

/** Describes the error of a failed call for its event; never throws. */
export function failureFields(
  method: MethodName,
  error: unknown,
  mapStack: MapStack,
): FailureFields {
  const { name, code = name, stack, causes } = describeError(error, mapStack);
  return {
    code,
    hresult: failureHresult(method, error),
    text: errorSentence(error),
    ...(stack === undefined ? {} : { stack }),
    ...(causes.length === 0 ? {} : { causes }),
  };
}

/**
 * Returns the HRESULT of a failed call: the error's own if that is a failure code, else the
 * method's. Errors of the kit get the method's HRESULT, which Windows Server Backup knows.
 */
export function failureHresult(method: MethodName, error: unknown): number {
  try {
    return namedHresult(error) ?? methodFailure[method];
  } catch {
    // A thrown object may have getters that throw.
    return methodFailure[method];
  }
}

function namedHresult(error: unknown): number | undefined {
  if (error instanceof WsbError && error.code !== "ERR_WSB_HANDLER") {
    return error.code === "ERR_WSB_TIMEOUT" ? HRESULT.ERROR_TIMEOUT : undefined;
  }
  // A handler's error keeps its code even if a service then fails to start.
  const origin = error instanceof WsbError && error.cause !== undefined ? error.cause : error;
  if (typeof origin !== "object" || origin === null) return undefined;
  if ("hresult" in origin && typeof origin.hresult === "number" && isFailure(origin.hresult)) {
    return origin.hresult >>> 0;
  }
  return "name" in origin && origin.name === "AbortError" ? HRESULT.E_ABORT : undefined;
}

/** Returns the answer to a failed call: never a success code, never without a text. */
export function failureReply(method: MethodName, error: unknown): NativeReply {
  return { hresult: failureHresult(method, error), description: errorSentence(error) };
}
