import { describeError, errorSentence, type MapStack } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import type { HandlerName } from "../../base/handler-name.ts";
import { HRESULT, formatHresult, isFailure } from "../../base/hresult.ts";
import type { AddinEvent, CallFields } from "../events/definitions.ts";
import type { MethodName, NativeReply } from "../native/binding.ts";

/** The rule for the answer to a method's failure. */
interface FailureRule {
  readonly hresult: number;
  /** `true` when the interface allows other failure codes too, such as the error's own. */
  readonly allowsOthers?: true;
}

// For PreRestore and PostRestore, the interface documents only one failure code (wsbapp.idl). An
// engine may not handle another.
const rules: Readonly<Record<HandlerName, FailureRule>> = {
  preRestore: { hresult: HRESULT.WSBAPP_E_COMPONENT_PRE_RESTORE_FAILED },
  postRestore: { hresult: HRESULT.WSBAPP_E_COMPONENT_POST_RESTORE_FAILED },
  orderComponents: { hresult: HRESULT.E_FAIL, allowsOthers: true },
  isRollForwardSupported: { hresult: HRESULT.E_FAIL },
  checkConsistency: {
    hresult: HRESULT.WSBAPP_E_COMPONENT_CONSISTENCY_CHECK_FAILED,
    allowsOthers: true,
  },
  // No COM caller waits for these; the code is for the event.
  beforeServicesStop: { hresult: HRESULT.E_FAIL, allowsOthers: true },
  afterServicesStart: { hresult: HRESULT.E_FAIL, allowsOthers: true },
  restoreAbandoned: { hresult: HRESULT.E_FAIL, allowsOthers: true },
};

/** The fields of the event `handlerFailed` that describe the error. */
export type FailureFields = Omit<
  AddinEvent<"handlerFailed">,
  "event" | "sessionId" | keyof CallFields
>;

/** Describes the error of a failed call for its event; never throws. */
export function failureFields(
  method: HandlerName,
  error: unknown,
  mapStack: MapStack,
): FailureFields {
  const { name, code = name, stack, causes } = describeError(error, mapStack);
  return {
    code,
    hresult: failureHresult(method, error),
    text: failureText(method, error),
    ...(stack === undefined ? {} : { stack }),
    ...(causes.length === 0 ? {} : { causes }),
  };
}

/**
 * Returns the HRESULT of a failed call: the error's own failure code if the interface allows it,
 * else the method's. Errors of the kit get the method's HRESULT, which Windows Server Backup knows.
 */
export function failureHresult(method: HandlerName, error: unknown): number {
  const { hresult, allowsOthers } = rules[method];
  return (allowsOthers === true ? namedHresult(error) : undefined) ?? hresult;
}

/** Describes a failure in one sentence, which contains the error's own HRESULT. */
function failureText(method: HandlerName, error: unknown): string {
  const sentence = errorSentence(error);
  const named = namedHresult(error);
  if (named === undefined || named === failureHresult(method, error)) return sentence;
  const shown = formatHresult(named);
  return sentence.includes(shown) ? sentence : `${sentence} (${shown})`;
}

/** Returns an error's own failure code, or `undefined`. Never throws. */
function namedHresult(error: unknown): number | undefined {
  try {
    return readHresult(error);
  } catch {
    // A thrown object may have getters that throw.
    return undefined;
  }
}

function readHresult(error: unknown): number | undefined {
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
  return { hresult: failureHresult(method, error), description: failureText(method, error) };
}
