import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { WsbError, errorText, nativeFailure, windowsError } from "../errors.ts";
import type { Log } from "../log.ts";
import { loadManifest } from "../manifest/load.ts";
import { MANIFEST_FILE } from "../manifest/manifest.ts";
import {
  loadBinding,
  type MethodName,
  type NativeBinding,
  type NativeServer,
  type NativeServerOptions,
} from "../native/binding.ts";
import { accessPermission } from "../registration/security-descriptor.ts";
import { createServiceControl } from "../restore/service-control.ts";
import { createRestoreSession } from "../restore/session.ts";
import type { Addin } from "./define-addin.ts";
import { createDispatcher, interfacesOf } from "./dispatch.ts";
import { openFileLog } from "./file-log.ts";

// JavaScript answers at a handler's limit itself; the shim's bound behind it is for an event loop
// that is blocked.
const BLOCKED_LOOP_MS = 2000;

const REFUSAL_MS = 100;

const RPC_E_TOO_LATE = 0x80010119;

function boundsOf(timeoutsMs: Readonly<Record<MethodName, number>>): Record<MethodName, number> {
  const bound = (method: MethodName): number => timeoutsMs[method] + BLOCKED_LOOP_MS;
  return {
    preRestore: bound("preRestore"),
    postRestore: bound("postRestore"),
    orderComponents: bound("orderComponents"),
    isRollForwardSupported: bound("isRollForwardSupported"),
    // The check itself runs after the call: only its start is waited for.
    checkConsistency: 60_000,
  };
}

function servingError(error: unknown): unknown {
  const failure = nativeFailure(error);
  if (failure?.hresult !== RPC_E_TOO_LATE) {
    return windowsError("Cannot serve the add-in", "Register it again: wsb-addin register", error);
  }
  const { api, hresult } = failure;
  return new WsbError(
    "ERR_WSB_WINDOWS_API",
    "Cannot serve the add-in: something in this process has used COM before, and so has decided who may call it. Load what uses COM inside a handler, not at the top of a module.",
    { hresult, api, cause: error },
  );
}

/** Serves the class, or says why not where an administrator looks: COM shows no output. */
function startServing(
  binding: NativeBinding,
  log: Log,
  options: NativeServerOptions,
): NativeServer {
  try {
    return binding.startServer(options);
  } catch (thrown) {
    const error = servingError(thrown);
    log("error", errorText(error));
    throw error;
  }
}

function isAddin(value: unknown): value is Addin {
  if (typeof value !== "object" || value === null || !("handlers" in value)) return false;
  return typeof value.handlers === "object" && value.handlers !== null;
}

/** Loads the handlers; why they cannot be loaded goes where an administrator looks. */
async function loadAddin(load: () => Promise<unknown>, log: Log): Promise<Addin> {
  try {
    const module = await load();
    const addin: unknown =
      typeof module === "object" && module !== null && "default" in module && module.default;
    if (isAddin(addin)) return addin;
  } catch (error) {
    log("error", `The handlers cannot be loaded: ${errorText(error)}`);
    throw error;
  }
  const error = new WsbError(
    "ERR_WSB_HANDLER",
    "The entry module does not export an add-in. Write: export default defineAddin({ … })",
  );
  log("error", error.message);
  throw error;
}

/**
 * Serves an add-in: registers its class object and answers calls until nobody has used it for
 * `lingerMs` and no restore session is open. This is what a built `server.js` runs.
 *
 * @param load Loads the module whose default export is the add-in.
 * @param moduleUrl `import.meta.url` of the built file; manifest and shim lie beside it.
 * @throws {@link WsbError} when manifest, shim or handlers cannot be loaded or COM refuses the class.
 */
export async function serve(load: () => Promise<unknown>, moduleUrl: string): Promise<void> {
  const manifest = loadManifest(fileURLToPath(new URL(MANIFEST_FILE, moduleUrl)));
  if (manifest.addin === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_MANIFEST",
      `${MANIFEST_FILE} has no clsid, so there is no add-in to serve. Add clsid and appId.`,
    );
  }
  const binding = loadBinding();
  const log = openFileLog(binding, manifest.addin.clsid);
  const addin = await loadAddin(load, log);
  // A stray rejection must not take the process down while services are stopped.
  process.on("uncaughtException", (error) => log("error", `Uncaught: ${errorText(error)}`));

  const idle = new AbortController();
  let server: NativeServer | undefined;
  const dispatcher = createDispatcher({
    addin,
    manifest,
    log,
    session: createRestoreSession({
      services: manifest.services,
      control: createServiceControl({
        api: binding,
        serviceTimeoutMs: manifest.serviceTimeoutMs,
        log,
      }),
      log,
      // Between two components the client may hold no reference, and services are stopped.
      onOpen: () => server?.hold(),
      onClose: () => server?.release(),
    }),
  });
  const serving = startServing(binding, log, {
    clsid: manifest.addin.clsid,
    interfaces: interfacesOf(addin.handlers, manifest),
    accessDescriptor: accessPermission(manifest.security.allow),
    lingerMs: manifest.lingerMs,
    limitsMs: boundsOf(manifest.timeoutsMs),
    onEvent: (event) => {
      switch (event.kind) {
        case "call":
          void dispatcher.call(event.id, event.call, serving);
          break;
        case "expired":
          dispatcher.abort(event.id, new DOMException("The call has expired.", "AbortError"));
          break;
        case "abort":
          dispatcher.abort(event.id, new DOMException("The check was aborted.", "AbortError"));
          break;
        case "idle":
          idle.abort();
          break;
      }
    },
  });
  server = serving;
  log("info", "Serving.");
  await once(idle.signal, "abort");
  serving.stop();
  // An activation that came too late has been refused; its answer must get out before the process.
  await delay(REFUSAL_MS);
  log("info", "Nobody uses the add-in any more.");
}
