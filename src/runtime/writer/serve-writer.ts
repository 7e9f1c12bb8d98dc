import { fileURLToPath } from "node:url";

import { WsbError } from "../../base/errors.ts";
import { closeDebugger } from "../addin/debugger.ts";
import { GUARDIAN_ARGUMENT, SERVICE_ARGUMENT } from "../addin/modes.ts";
import { loadManifest } from "../manifest/load.ts";
import { MANIFEST_FILE } from "../manifest/manifest.ts";
import { loadBinding, type NativeBinding } from "../native/binding.ts";
import { guardWriter } from "./guard-writer.ts";
import { loadWriter } from "./load-writer.ts";
import { runWriter } from "./run-writer.ts";
import { requireServiceWriter } from "./writer-parts.ts";

export interface ServeWriterOptions {
  /** @defaultValue the shim beside the built file */
  readonly api?: NativeBinding;
  /** `import.meta.url` of the built file; manifest and shim are in the same folder. */
  readonly moduleUrl: string;
  /** @defaultValue that of this process */
  readonly argv?: readonly string[];
}

/**
 * Runs a built writer: as its service, or as the guardian that the service starts.
 *
 * @param load Loads the module whose default export is the writer.
 * @returns The exit code for the process.
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for another command line, and what the manifest
 * or the service manager refuses.
 */
export async function serveWriter(
  load: () => Promise<unknown>,
  { api, moduleUrl, argv = process.argv }: ServeWriterOptions,
): Promise<number> {
  // Every process of the machine could make LocalSystem run its code.
  closeDebugger();
  const [, , mode, name] = argv;
  const manifest = requireServiceWriter(
    loadManifest(fileURLToPath(new URL(MANIFEST_FILE, moduleUrl))),
    MANIFEST_FILE,
  );
  const options = {
    api: api ?? loadBinding(),
    manifest,
    moduleUrl,
    load: () => loadWriter(load),
  };
  if (mode === GUARDIAN_ARGUMENT) return guardWriter(options);
  if (mode === SERVICE_ARGUMENT && name !== undefined) return runWriter({ ...options, name });
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `The writer needs ${SERVICE_ARGUMENT} and the name of its service. Start the service: only the service manager starts this program.`,
  );
}
