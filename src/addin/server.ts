import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { WsbError, errorText } from "../errors.ts";
import { loadManifest } from "../manifest/load.ts";
import { MANIFEST_FILE } from "../manifest/manifest.ts";
import { loadBinding, type MethodName, type NativeServer } from "../native/binding.ts";
import { createServiceControl } from "../restore/service-control.ts";
import { createRestoreSession } from "../restore/session.ts";
import type { Addin } from "./define-addin.ts";
import { createDispatcher, interfacesOf } from "./dispatch.ts";
import { openFileLog } from "./file-log.ts";

// JavaScript answers at a handler's limit itself; the shim's bound behind it is for an event loop
// that is blocked.
const BLOCKED_LOOP_MS = 2000;

const REFUSAL_MS = 100;

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

/**
 * Serves an add-in: registers its class object and answers calls until nobody has used it for
 * `lingerMs` and no restore session is open. This is what a built `server.js` runs.
 *
 * @param moduleUrl `import.meta.url` of the built file; manifest and shim lie beside it.
 * @throws {@link WsbError} when manifest or shim cannot be loaded or COM refuses the class.
 */
export async function serve(addin: Addin, moduleUrl: string): Promise<void> {
  const manifest = loadManifest(fileURLToPath(new URL(MANIFEST_FILE, moduleUrl)));
  if (manifest.addin === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_MANIFEST",
      `${MANIFEST_FILE} has no clsid, so there is no add-in to serve. Add clsid and appId.`,
    );
  }
  const binding = loadBinding();
  const log = openFileLog(binding, manifest.addin.clsid);
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
  const serving = binding.startServer({
    clsid: manifest.addin.clsid,
    interfaces: interfacesOf(addin.handlers, manifest),
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
