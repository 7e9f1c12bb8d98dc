import { WsbError } from "../../base/errors.ts";
import type { WriterHandlers } from "./define-writer.ts";

/**
 * Loads the handlers of a writer.
 *
 * @param load Loads the module whose default export is the writer.
 * @throws The module's error, or {@link WsbError} `ERR_WSB_HANDLER` when it does not export a writer.
 */
export async function loadWriter(load: () => Promise<unknown>): Promise<WriterHandlers> {
  const module = await load();
  const writer = fieldOf(module, "default");
  const handlers = fieldOf(writer, "writerHandlers");
  if (typeof handlers === "object" && handlers !== null) return handlers;
  throw new WsbError(
    "ERR_WSB_HANDLER",
    "The entry module does not export a writer. Write: export default defineWriter({ … })",
  );
}

function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}
