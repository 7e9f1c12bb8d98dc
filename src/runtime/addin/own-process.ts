import { errorSentence } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import type { Emit } from "../events/emit.ts";

/**
 * Keeps the process alive while services may be stopped: a stray rejection becomes an event, and a
 * handler's `process.exit` becomes an error, because its caller would get no answer.
 *
 * @returns Allows `process.exit` again.
 */
export function protectProcess(emit: Emit): () => void {
  process.on("uncaughtException", (error) =>
    emit({ event: "message", level: "error", text: `Uncaught: ${errorSentence(error)}` }),
  );
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    throw new WsbError(
      "ERR_WSB_HANDLER",
      `process.exit(${code ?? ""}) was called. A handler must not end the add-in: throw an error instead.`,
    );
  };
  return () => {
    process.exit = exit;
  };
}
