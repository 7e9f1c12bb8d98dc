import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { errorSentence } from "../../base/error-chain.ts";
import { loadManifest } from "../manifest/load.ts";
import { MANIFEST_FILE, requireAddin, type AddinManifest } from "../manifest/manifest.ts";
import { loadBinding, type NativeBinding, type NativeServer } from "../native/binding.ts";
import type { Emit } from "../events/emit.ts";
import { createRestoreSession } from "../restore/session.ts";
import { clientsOn } from "./clients.ts";
import type { Addin } from "./define-addin.ts";
import { Dispatcher } from "./dispatch.ts";
import { guard, recoverAtBoot } from "./guard.ts";
import { loadAddin } from "./load-addin.ts";
import { runOrderedHandler } from "./handler-process.ts";
import { GUARDIAN_ARGUMENT, HANDLER_ARGUMENT, RECOVER_ARGUMENT } from "./modes.ts";
import { protectProcess } from "./own-process.ts";
import {
  identifyThisProcess,
  openAddinEvents,
  openSessionParts,
  type SessionParts,
} from "./session-parts.ts";
import { createServerStackMapper } from "./stack.ts";
import { createGuardianKeeper } from "./spawn-guardian.ts";
import { startServing } from "./start-serving.ts";

const REFUSAL_MS = 100;

/**
 * Runs a built add-in. Started by COM, it serves the class until nobody has used it for `lingerMs`
 * and no restore session is open. Started with `--guardian`, it watches an open session; started
 * with `--recover`, it ends an interrupted session; started with `--handler`, it runs one handler for
 * another of these processes.
 *
 * @param load Loads the module whose default export is the add-in.
 * @param moduleUrl `import.meta.url` of the built file; manifest and shim are in the same folder.
 * @returns The exit code for the process.
 * @throws {@link WsbError} when manifest, shim or handlers cannot be loaded or COM refuses the
 * class.
 */
export async function serve(load: () => Promise<unknown>, moduleUrl: string): Promise<number> {
  const file = fileURLToPath(new URL(MANIFEST_FILE, moduleUrl));
  const manifest = requireAddin(loadManifest(file), MANIFEST_FILE, { to: "serve" });
  const binding = loadBinding();
  const mode = process.argv[2];
  if (mode === GUARDIAN_ARGUMENT) return guard(binding, manifest);
  if (mode === RECOVER_ARGUMENT) return recoverAtBoot(binding, manifest);
  const options = { binding, manifest, moduleUrl };
  if (mode === HANDLER_ARGUMENT) return runOrderedHandler(load, options);
  return serveClass(load, options);
}

/** Serves the class until it is idle. */
async function serveClass(
  load: () => Promise<unknown>,
  { binding, manifest, moduleUrl }: Pick<ServerOptions, "binding" | "manifest" | "moduleUrl">,
): Promise<number> {
  const emit = openAddinEvents(binding, manifest, "server");
  const addin = await loadAddin(load, emit);
  const allowExit = protectProcess(emit);
  const server = openServer({ binding, manifest, moduleUrl, addin, emit });
  emit({ event: "serverStarted" });
  server.takeOver();
  await once(server.idle, "abort");
  server.serving.stop();
  // A late activation was refused; its answer must leave before the process exits.
  await delay(REFUSAL_MS);
  emit({ event: "serverStopped" });
  allowExit();
  return 0;
}

interface ServerOptions {
  readonly binding: NativeBinding;
  readonly manifest: AddinManifest;
  /** `import.meta.url` of the built file; its source map is in the same folder. */
  readonly moduleUrl: string;
  readonly addin: Addin;
  readonly emit: Emit;
}

/** A class that COM can activate. */
interface OpenServer {
  readonly serving: NativeServer;
  /** Aborts when the class is idle. */
  readonly idle: AbortSignal;
  /** Starts a guardian for a session that another server left open without one. */
  readonly takeOver: () => void;
}

/** Connects dispatcher, restore session and guardian, and registers the class. */
function openServer(options: ServerOptions): OpenServer {
  const { binding, manifest, addin, emit } = options;
  const idle = new AbortController();
  const parts = openSessionParts(binding, manifest, emit, "server");
  const ensureGuardian = createGuardianKeeper({
    emit,
    openSessionId: () => watchedSession(parts),
    // Between two components the client may hold no reference while services are stopped.
    onOpen: () => serving.hold(),
    onClose: () => serving.release(),
  });
  const dispatcher = openDispatcher(options, parts, ensureGuardian);
  const serving = startServing({
    binding,
    manifest,
    handlers: addin.handlers,
    emit,
    onCall: (event) => void dispatcher.call(event, serving),
    onAbort: (id, reason) => dispatcher.abort(id, reason),
    onIdle: () => idle.abort(),
  });
  return {
    serving,
    idle: idle.signal,
    takeOver: () => takeOver(parts, ensureGuardian),
  };
}

function openDispatcher(
  { binding, manifest, moduleUrl, addin, emit }: ServerOptions,
  parts: SessionParts,
  ensureGuardian: (sessionId: string) => void,
): Dispatcher {
  return new Dispatcher({
    addin,
    manifest,
    emit,
    mapStack: createServerStackMapper(moduleUrl),
    clients: clientsOn(binding),
    startProcess: (options) => binding.startProcess(options),
    session: createRestoreSession({
      ...parts,
      clsid: manifest.addin.clsid,
      services: manifest.services,
      onPreRestoreFailure: manifest.onPreRestoreFailure,
      onAbandonedRestore: manifest.onAbandonedRestore,
      server: identifyThisProcess(binding),
      ensureGuardian,
    }),
  });
}

/** The session that a guardian must watch; an abandoned one waits for a person. */
function watchedSession({ store }: SessionParts): string | undefined {
  const journal = store.read();
  return journal?.phase === "abandoned" ? undefined : journal?.sessionId;
}

function takeOver(parts: SessionParts, ensureGuardian: (sessionId: string) => void): void {
  try {
    const sessionId = watchedSession(parts);
    if (sessionId !== undefined) ensureGuardian(sessionId);
  } catch (error) {
    parts.emit({ event: "message", level: "error", text: errorSentence(error) });
  }
}
