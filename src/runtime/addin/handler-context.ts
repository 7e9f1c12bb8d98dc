import type { Call } from "./call.ts";
import type { HandlerContext } from "./define-addin.ts";

/** Returns the context for the handlers of a call. */
export function handlerContext({ method, signal, emit }: Call): HandlerContext {
  const log = (level: "info" | "warn", message: string): void =>
    emit({ event: "message", level, text: `${method}: ${message}` });
  return {
    signal,
    log: {
      info: (message) => log("info", message),
      warn: (message) => log("warn", message),
    },
  };
}
