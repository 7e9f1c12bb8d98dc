import { errorSentence } from "../../base/error-chain.ts";
import { WsbError } from "../../base/errors.ts";
import type { Emit } from "../events/emit.ts";
import type { Addin } from "./define-addin.ts";

function isAddin(value: unknown): value is Addin {
  if (typeof value !== "object" || value === null || !("handlers" in value)) return false;
  return typeof value.handlers === "object" && value.handlers !== null;
}

function defaultExportOf(module: unknown): unknown {
  if (typeof module !== "object" || module === null || !("default" in module)) return undefined;
  return module.default;
}

/**
 * Loads the handlers. Emits a failure as an event, because COM shows no output.
 *
 * @throws The module's error, or {@link WsbError} `ERR_WSB_HANDLER` when it does not export an
 * add-in.
 */
export async function loadAddin(load: () => Promise<unknown>, emit: Emit): Promise<Addin> {
  const addin = defaultExportOf(await loadModule(load, emit));
  if (isAddin(addin)) return addin;
  const error = new WsbError(
    "ERR_WSB_HANDLER",
    "The entry module does not export an add-in. Write: export default defineAddin({ … })",
  );
  emit({ event: "message", level: "error", text: error.message });
  throw error;
}

async function loadModule(load: () => Promise<unknown>, emit: Emit): Promise<unknown> {
  try {
    return await load();
  } catch (error) {
    const text = `Cannot load the handlers: ${errorSentence(error)}`;
    emit({ event: "message", level: "error", text });
    throw error;
  }
}
