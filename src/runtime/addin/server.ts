import { once } from "node:events";
import { existsSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { errorSentence } from "../../base/error-chain.ts";
import { parseGuid } from "../../base/guid.ts";
import type { ProcessIdentity } from "../../base/process-identity.ts";
import { loadManifest } from "../manifest/load.ts";
import { MANIFEST_FILE, requireAddin, type AddinManifest } from "../manifest/manifest.ts";
import { loadBinding, type NativeBinding, type NativeServer } from "../native/binding.ts";
import { guardianLock } from "../restore/owned-lock.ts";
import { createRestoreSession } from "../restore/session.ts";
import { clientsOn } from "./clients.ts";
import { refuseDebugger } from "./debugger.ts";
import type { Addin } from "./define-addin.ts";
import { Dispatcher } from "./dispatch.ts";
import { guard, recoverAtBoot } from "./guard.ts";
import { createHandlerHooks } from "./handler-hooks.ts";
import { loadAddin } from "./load-addin.ts";
import { runOrderedHandler } from "./handler-process.ts";
import {
  DEVELOPER_ARGUMENT,
  GUARDIAN_ARGUMENT,
  HANDLER_ARGUMENT,
  RECOVER_ARGUMENT,
  SERVING,
} from "./modes.ts";
import { OrderedComponents } from "./ordered-components.ts";
import { protectProcess } from "./own-process.ts";
import {
  identifyThisProcess,
  openSessionParts,
  settingsOf,
  type SessionParts,
} from "./session-parts.ts";
import { createServerStackMapper } from "./stack.ts";
import { createGuardianKeeper } from "./spawn-guardian.ts";
import { startServing } from "./start-serving.ts";

const REFUSAL_MS = 100;
const DEBUGGER_REFUSED =
  "A port for a debugger was open and was closed: COM must not start an add-in with one. Remove --inspect from NODE_OPTIONS and from the registration; debug with wsb-addin dev --inspect.";

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
  const hadDebugger = refuseDebugger(process.argv);
  const file = fileURLToPath(new URL(MANIFEST_FILE, moduleUrl));
  const manifest = requireAddin(loadManifest(file), MANIFEST_FILE, { to: "serve" });
  const binding = loadBinding();
  const [, , mode, clsid] = process.argv;
  if (mode === GUARDIAN_ARGUMENT) return guard(binding, ofClass(manifest, clsid));
  if (mode === RECOVER_ARGUMENT) return recoverAtBoot(binding, ofClass(manifest, clsid));
  const options = { binding, manifest, moduleUrl, hadDebugger };
  if (mode === HANDLER_ARGUMENT) return runOrderedHandler(load, options);
  return serveClass(load, options);
}

/** A build during a session may change the class id in the manifest: its session keeps its own. */
function ofClass(manifest: AddinManifest, clsid: string | undefined): AddinManifest {
  const known = clsid === undefined ? undefined : parseGuid(clsid);
  return known === undefined
    ? manifest
    : { ...manifest, addin: { ...manifest.addin, clsid: known } };
}

/** Serves the class until it is idle. */
async function serveClass(
  load: () => Promise<unknown>,
  {
    binding,
    manifest,
    moduleUrl,
    hadDebugger,
  }: Pick<ServerOptions, "binding" | "manifest" | "moduleUrl"> & { readonly hadDebugger: boolean },
): Promise<number> {
  const server = identifyThisProcess(binding);
  const parts = openSessionParts({ api: binding, manifest, role: "server", server });
  const { emit } = parts;
  const addin = await loadAddin(load, emit);
  const allowExit = protectProcess(emit);
  const served = openServer({ binding, manifest, moduleUrl, addin, parts, server });
  emit({ event: "serverStarted" });
  if (hadDebugger) emit({ event: "message", level: "error", text: DEBUGGER_REFUSED });
  if (process.argv[2] === DEVELOPER_ARGUMENT) process.stdout.write(SERVING);
  served.takeOver();
  await once(served.idle, "abort");
  served.serving.stop();
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
  readonly parts: SessionParts;
  /** This process. */
  readonly server: ProcessIdentity;
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
  const { binding, manifest, addin, parts } = options;
  const { emit } = parts;
  const idle = new AbortController();
  const ensureGuardian = createGuardianKeeper({
    emit,
    clsid: manifest.addin.clsid,
    hasGuardian: () => existsSync(guardianLock(manifest.addin.clsid)),
    openSessionId: () => watchedSession(parts),
    // Between two components the client may hold no reference while services are stopped.
    onOpen: () => serving.hold(),
    onClose: () => serving.release(),
  });
  const dispatcher = openDispatcher(options, ensureGuardian);
  const serving = startServing({
    binding,
    manifest,
    script: fileURLToPath(options.moduleUrl),
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
  { binding, manifest, moduleUrl, addin, parts, server }: ServerOptions,
  ensureGuardian: (sessionId: string) => Promise<void>,
): Dispatcher {
  const startProcess: NativeBinding["startProcess"] = (options) => binding.startProcess(options);
  const ordered = new OrderedComponents();
  const { handlers } = addin;
  const { timeoutsMs } = manifest;
  return new Dispatcher({
    addin,
    manifest,
    emit: parts.emit,
    mapStack: createServerStackMapper(moduleUrl),
    clients: clientsOn(binding),
    startProcess,
    ordered,
    session: createRestoreSession({
      ...parts,
      clsid: manifest.addin.clsid,
      settings: settingsOf(manifest),
      hooks: createHandlerHooks({ handlers, timeoutsMs, emit: parts.emit, startProcess, ordered }),
      server,
      ensureGuardian,
      isGuardianToDecide: handlers.restoreAbandoned !== undefined,
    }),
  });
}

/** The session that a guardian must watch; an abandoned one waits for a person. */
function watchedSession({ store }: SessionParts): string | undefined {
  const session = store.peek();
  const isWatched = session?.phase !== "abandoned" && session?.damage === undefined;
  return isWatched ? session?.sessionId : undefined;
}

function takeOver(parts: SessionParts, ensureGuardian: (sessionId: string) => Promise<void>): void {
  try {
    const sessionId = watchedSession(parts);
    if (sessionId !== undefined) void ensureGuardian(sessionId);
  } catch (error) {
    parts.emit({ event: "message", level: "error", text: errorSentence(error) });
  }
}
