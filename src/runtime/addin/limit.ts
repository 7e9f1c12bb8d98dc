import { WsbError } from "../../base/errors.ts";
import { WRITER_HANDLER_NAMES, type AnyHandlerName } from "../../base/handler-name.ts";

/** Returns the error that aborts a handler's signal at its limit. */
export function timeoutError(handler: AnyHandlerName, limitMs: number): WsbError {
  const isWriters = WRITER_HANDLER_NAMES.some((name) => name === handler);
  const field = `${isWriters ? "writer." : ""}timeoutsMs.${handler}`;
  return new WsbError(
    "ERR_WSB_TIMEOUT",
    `${handler} did not finish within ${limitMs} ms. Raise ${field} in the manifest if it needs longer.`,
  );
}

/** Rejects with the signal's reason as soon as it aborts. */
export function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
