import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { WsbError, errorText, nativeFailure, windowsError } from "../../base/errors.ts";
import type { Log } from "../../base/log.ts";
import { loadManifest } from "../manifest/load.ts";
import { MANIFEST_FILE } from "../manifest/manifest.ts";
import {
  loadBinding,
  type AbortReason,
  type MethodName,
  type NativeBinding,
  type NativeServer,
  type NativeServerOptions,
} from "../native/binding.ts";
import { logTo } from "../events/recorder.ts";
import { accessPermission } from "../manifest/security-descriptor.ts";
import { createRestoreSession } from "../restore/session.ts";
import { clientsOn } from "./clients.ts";
import type { Addin } from "./define-addin.ts";
import { createDispatcher, interfacesOf } from "./dispatch.ts";
import { guard, recoverAtBoot } from "./guard.ts";
import { GUARDIAN_ARGUMENT, RECOVER_ARGUMENT } from "./modes.ts";
import {
  openSessionParts,
  openSessionRecorder,
  thisProcess,
  type SessionParts,
} from "./session-parts.ts";
import { createGuardianKeeper } from "./spawn-guardian.ts";

// JavaScript answers at a handler's limit itself; the shim's bound behind it is for an event loop
// that is blocked.
const BLOCKED_LOOP_MS = 2000;

const REFUSAL_MS = 100;

const abortTexts: Readonly<Record<AbortReason, string>> = {
  aborted: "The client has aborted the check.",
  released: "The client has released the check before it was done.",
  clientExited: "The client's process has ended, and nobody waits for the check any more.",
};

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
 * A handler must not end the process: its caller would be told nothing, its services left.
 *
 * @returns Allows it again.
 */
function forbidExit(): () => void {
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

/**
 * Runs a built add-in: as COM starts it, it serves the class until nobody has used it for
 * `lingerMs` and no restore session is open. Started by itself with `--guardian` it watches such a
 * session, and with `--recover` it ends one that was broken off.
 *
 * @param load Loads the module whose default export is the add-in.
 * @param moduleUrl `import.meta.url` of the built file; manifest and shim lie beside it.
 * @returns The exit code to end with.
 * @throws {@link WsbError} when manifest, shim or handlers cannot be loaded or COM refuses the class.
 */
export async function serve(load: () => Promise<unknown>, moduleUrl: string): Promise<number> {
  const manifest = loadManifest(fileURLToPath(new URL(MANIFEST_FILE, moduleUrl)));
  if (manifest.addin === undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_MANIFEST",
      `${MANIFEST_FILE} has no clsid, so there is no add-in to serve. Add clsid and appId.`,
    );
  }
  const binding = loadBinding();
  const { clsid } = manifest.addin;
  const mode = process.argv[2];
  if (mode === GUARDIAN_ARGUMENT) return guard({ api: binding, manifest, clsid });
  if (mode === RECOVER_ARGUMENT) return recoverAtBoot({ api: binding, manifest, clsid });

  const recorder = openSessionRecorder(binding, manifest, clsid, "server");
  const { record } = recorder;
  const log = logTo(recorder);
  const addin = await loadAddin(load, log);
  // A stray rejection must not take the process down while services are stopped.
  process.on("uncaughtException", (error) => log("error", `Uncaught: ${errorText(error)}`));
  const allowExit = forbidExit();

  const idle = new AbortController();
  let server: NativeServer | undefined;
  const own = thisProcess(binding);
  const parts = openSessionParts(binding, manifest, clsid, record);
  const ensureGuardian = createGuardianKeeper({
    record,
    openSessionId: () => parts.store.read()?.sessionId,
    // Between two components the client may hold no reference, and services are stopped.
    onOpen: () => server?.hold(),
    onClose: () => server?.release(),
  });
  const dispatcher = createDispatcher({
    addin,
    manifest,
    log,
    clients: clientsOn(binding),
    record,
    startProcess: (options) => binding.startProcess(options),
    session: createRestoreSession({
      ...parts,
      clsid,
      services: manifest.services,
      onPreRestoreFailure: manifest.onPreRestoreFailure,
      server: own,
      ensureGuardian,
    }),
  });
  const serving = startServing(binding, log, {
    clsid,
    interfaces: interfacesOf(addin.handlers, manifest),
    accessDescriptor: accessPermission(manifest.security.allow),
    lingerMs: manifest.lingerMs,
    limitsMs: boundsOf(manifest.timeoutsMs),
    onEvent: (event) => {
      switch (event.kind) {
        case "call":
          void dispatcher.call(event, serving);
          break;
        case "expired":
          dispatcher.abort(event.id, new DOMException("The call has expired.", "AbortError"));
          break;
        case "abort":
          dispatcher.abort(event.id, new DOMException(abortTexts[event.reason], "AbortError"));
          break;
        case "idle":
          idle.abort();
          break;
      }
    },
  });
  server = serving;
  recorder.record({ event: "serverStarted" });
  takeOver(parts, ensureGuardian);
  await once(idle.signal, "abort");
  serving.stop();
  // An activation that came too late has been refused; its answer must get out before the process.
  await delay(REFUSAL_MS);
  recorder.record({ event: "serverStopped" });
  allowExit();
  return 0;
}

/** A session that another server has left open is watched again, should its guardian be gone. */
function takeOver(
  { store, record }: SessionParts,
  ensureGuardian: (sessionId: string) => void,
): void {
  try {
    const journal = store.read();
    if (journal !== undefined) ensureGuardian(journal.sessionId);
  } catch (error) {
    record({ event: "message", level: "error", text: errorText(error) });
  }
}
