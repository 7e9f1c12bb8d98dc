import { errorSentence } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import type { Emit } from "../events/emit.ts";

/**
 * Keeps the process alive while services may be stopped: an uncaught error becomes an event, and a
 * handler's `process.exit` becomes an error, because its caller would get no answer.
 *
 * @returns A function that allows `process.exit` again.
 */
export function protectProcess(emit: Emit): () => void {
  process.on("uncaughtException", (error) =>
    emit({ event: "message", level: "error", text: `Uncaught: ${errorSentence(error)}` }),
  );
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    throw new WsbError(
      "ERR_WSB_HANDLER",
      `A handler called process.exit(${code ?? ""}), which would end the add-in. Throw an error instead.`,
    );
  };
  return () => {
    process.exit = exit;
  };
}
