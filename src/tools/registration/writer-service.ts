/** The Windows service of a writer, as a registration has it. */
import { statSync } from "node:fs";
import { win32 } from "node:path";

import { WsbError, nativeFailure, windowsError } from "../../base/errors.ts";
import { HRESULT } from "../../base/hresult.ts";
import { isObject } from "../../base/json.ts";
import { ownCommand } from "../../base/own-command.ts";
import { SERVICE_ARGUMENT } from "../../runtime/addin/modes.ts";
import { startedAtMs, type ProcessIdentity } from "../../base/process-identity.ts";
import { MANIFEST_FILE, type Manifest } from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE, type NativeBinding } from "../../runtime/native/binding.ts";
import { serviceKey } from "./keys.ts";
import type { PartPlan } from "./part.ts";
import type { Installation } from "./plan.ts";
import { textsOf } from "./registry-value.ts";

/** A service, without what is the same for each writer. */
interface Definition {
  readonly displayName: string;
  readonly commandLine: string;
}

/** The service of a writer; its document is a JSON text of its own. */
export type ServicePlan = PartPlan;

// Longer than the service gives itself: run-writer.ts.
const START_LIMIT_MS = 120_000;
const STOP_LIMIT_MS = 60_000;
const PRESHUTDOWN_MS = 60_000;
// A process that has reported STOPPED has nothing left to do.
const EXIT_LIMIT_MS = 10_000;
// An application that is frozen must not wait for the one that thaws it.
const RESTART_DELAYS_MS = [1000, 5000, 60_000];
const DAY_SECONDS = 86_400;

/** Returns the name of a writer's service. */
export function serviceNameOf(writerId: string): string {
  return `wsb-addin-${writerId}`;
}

function encode({ displayName, commandLine }: Definition): string {
  return JSON.stringify({ displayName, commandLine });
}

function decode(document: string): Definition | undefined {
  let json: unknown;
  try {
    json = JSON.parse(document);
  } catch {
    return undefined;
  }
  if (!isObject(json)) return undefined;
  const { displayName, commandLine } = json;
  return typeof displayName === "string" && typeof commandLine === "string"
    ? { displayName, commandLine }
    : undefined;
}

/** Tells whether a document describes the service of this writer, as a plan could. */
export function isServiceDocument(document: string, writerId: string): boolean {
  const definition = decode(document);
  return definition !== undefined && programOf(definition.commandLine, writerId) !== undefined;
}

const programs = /^"(?<nodeExe>[^"]+)" "(?<writerScript>[^"]+)" (?<rest>[^"]+)$/u;

/** What a service runs. */
export interface ServiceProgram {
  readonly nodeExe: string;
  readonly writerScript: string;
}

function programOf(commandLine: string, writerId: string): ServiceProgram | undefined {
  const { nodeExe, writerScript, rest } = programs.exec(commandLine)?.groups ?? {};
  if (nodeExe === undefined || writerScript === undefined) return undefined;
  return rest === `${SERVICE_ARGUMENT} ${serviceNameOf(writerId)}`
    ? { nodeExe, writerScript }
    : undefined;
}

/**
 * Returns the service of a manifest's writer; `null` when the writer needs none.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` for a path that Windows would read differently.
 */
export function planService(
  { writerId, name, writer }: Manifest,
  { nodeExe, writerScript }: Pick<Installation, "nodeExe" | "writerScript">,
): ServicePlan | null {
  if (writer.kind !== "service" || writerScript === undefined) return null;
  const unusable = [nodeExe, writerScript].find((path) => path.includes("%"));
  if (unusable !== undefined) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `${unusable} has a percent sign, which the service manager takes for a variable; nothing was changed. Move it into another folder.`,
    );
  }
  const commandLine = `"${nodeExe}" "${writerScript}" ${SERVICE_ARGUMENT} ${serviceNameOf(writerId)}`;
  return { document: encode({ displayName: `${name} (VSS writer)`, commandLine }) };
}

/** Returns the command line in a service's document. */
export function commandLineIn(document: string): string {
  return decode(document)?.commandLine ?? "";
}

/** The services of the writers of a machine. */
export interface WriterServices {
  /** Returns the document of a writer's service; `null` when it has none. */
  readonly read: (writerId: string) => string | null;
  /** @throws {@link WsbError} `ERR_WSB_WINDOWS_API`, `ERR_WSB_ACCESS_DENIED`. */
  readonly install: (writerId: string, document: string) => Promise<void>;
  /**
   * Starts the service, and waits until it runs; `false` when it ran. One that runs what was there
   * before a build is started again.
   *
   * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` for a service that ends, `ERR_WSB_TIMEOUT`.
   */
  readonly start: (writerId: string) => Promise<boolean>;
  /**
   * Stops and deletes the service. Removing one that does not exist succeeds.
   *
   * @throws {@link WsbError} as {@link start}; `ERR_WSB_CONFLICT` when another program changes it
   * meanwhile.
   */
  readonly remove: (writerId: string) => Promise<void>;
}

/** The part of the shim that manages services. */
export type ServiceApi = Pick<
  NativeBinding,
  | "readRegistryValue"
  | "flushRegistryKey"
  | "installService"
  | "deleteService"
  | "changeService"
  | "queryService"
  | "processInfo"
  | "waitForProcessExit"
  | "endProcess"
>;

/** Reads a service where the service manager keeps it, at once and without its lock. */
export function readService(
  api: Pick<NativeBinding, "readRegistryValue">,
  writerId: string,
): string | null {
  const key = serviceKey(serviceNameOf(writerId));
  const [commandLine] = textsOf(api.readRegistryValue(key, "ImagePath"));
  // A deleted service of which somebody holds a handle, as services.msc does.
  const isDeleted = api.readRegistryValue(key, "DeleteFlag") !== null;
  if (commandLine === undefined || isDeleted) return null;
  const [displayName = ""] = textsOf(api.readRegistryValue(key, "DisplayName"));
  return encode({ displayName, commandLine });
}

/** Returns what the service of a writer runs; `undefined` without a service of the kit. */
export function readServiceProgram(
  api: Pick<NativeBinding, "readRegistryValue">,
  writerId: string,
): ServiceProgram | undefined {
  const document = readService(api, writerId);
  return document === null ? undefined : programOf(commandLineIn(document), writerId);
}

function writtenMs(file: string): number {
  const stats = statSync(file, { throwIfNoEntry: false });
  // A copy may keep the time of its original.
  return stats === undefined ? 0 : Math.max(stats.mtimeMs, stats.birthtimeMs);
}

/** Tells whether the process of a writer's service is older than what it runs. */
export function isServiceOutdated(
  api: Pick<NativeBinding, "readRegistryValue" | "processInfo">,
  writerId: string,
  processId: number,
): boolean {
  const program = readServiceProgram(api, writerId);
  const process = api.processInfo(processId);
  if (program === undefined || process === null) return false;
  const folder = win32.dirname(program.writerScript);
  const beside = [MANIFEST_FILE, SHIM_FILE].map((name) => win32.join(folder, name));
  const startedMs = startedAtMs(process);
  return [program.writerScript, ...beside].some((file) => writtenMs(file) > startedMs);
}

function isCode(error: unknown, hresult: number): boolean {
  return nativeFailure(error)?.hresult === hresult;
}

function serviceError(what: string, error: unknown): unknown {
  if (isCode(error, HRESULT.ERROR_SERVICE_MARKED_FOR_DELETE)) {
    return new WsbError(
      "ERR_WSB_WINDOWS_API",
      `${what}: an earlier service of this name is deleted, but a program still holds it (ERROR_SERVICE_MARKED_FOR_DELETE). Close the window Services and the Task Manager, and run the command again.`,
      { hresult: HRESULT.ERROR_SERVICE_MARKED_FOR_DELETE, cause: error },
    );
  }
  return windowsError(
    what,
    "Look at the errors of the Service Control Manager in the Windows event log.",
    error,
  );
}

async function explained<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw serviceError(what, error);
  }
}

async function install(api: ServiceApi, writerId: string, document: string): Promise<void> {
  const name = serviceNameOf(writerId);
  const definition = decode(document);
  if (definition === undefined) throw new Error(`No service: ${document}`);
  await explained(`Cannot create the service ${name}`, () =>
    api.installService({
      ...definition,
      name,
      description: `Lets backups contain consistent files of the application. Registered by wsb-addin.`,
      account: "LocalSystem",
      dependsOn: ["RpcSs", "EventSystem"],
      preshutdownMs: PRESHUTDOWN_MS,
      recovery: { restartDelaysMs: RESTART_DELAYS_MS, resetAfterSeconds: DAY_SECONDS },
    }),
  );
}

async function start(api: ServiceApi, writerId: string): Promise<boolean> {
  const name = serviceNameOf(writerId);
  const what = `Cannot start the service ${name}`;
  const found = await explained(what, () => api.queryService(name));
  if (found?.state === "RUNNING") {
    if (!isServiceOutdated(api, writerId, found.processId)) return false;
    await stop(api, writerId);
  }
  const { outcome, exitCode } = await explained(
    what,
    () => api.changeService(name, "RUNNING", START_LIMIT_MS).ended,
  );
  if (outcome === "reached") return true;
  const nextStep = `Read why: ${ownCommand(`log --writer-id ${writerId}`)}`;
  throw outcome === "lost"
    ? new WsbError("ERR_WSB_WINDOWS_API", `${what}: it ended, exit code ${exitCode}. ${nextStep}`)
    : new WsbError(
        "ERR_WSB_TIMEOUT",
        `${what}: it does not run after ${START_LIMIT_MS / 1000} s. ${nextStep}`,
      );
}

/**
 * Waits until a process has ended, and ends it after a limit: Windows keeps a deleted service, and its
 * files stay in use, as long as its process is there.
 */
async function waitForExit(api: ServiceApi, { pid, startedAt }: ProcessIdentity): Promise<void> {
  const wait = api.waitForProcessExit(pid, startedAt);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, EXIT_LIMIT_MS, "late");
  });
  try {
    if ((await Promise.race([wait.exited, late])) !== "late") return;
  } finally {
    clearTimeout(timer);
    wait.close();
  }
  await api.endProcess(pid, startedAt);
}

/** Stops the service until its process has ended; `false` when there is no service. */
async function stop(api: ServiceApi, writerId: string): Promise<boolean> {
  const name = serviceNameOf(writerId);
  const what = `Cannot stop the service ${name}`;
  const found = await explained(what, () => api.queryService(name));
  if (found === null) return false;
  const process = found.processId === 0 ? null : api.processInfo(found.processId);
  const { outcome, state } = await explained(
    what,
    () => api.changeService(name, "STOPPED", STOP_LIMIT_MS).ended,
  );
  if (outcome !== "reached") {
    throw new WsbError(
      "ERR_WSB_TIMEOUT",
      `${what}: it is ${state} after ${STOP_LIMIT_MS / 1000} s. Run the command again.`,
    );
  }
  if (process !== null) await explained(what, () => waitForExit(api, process));
  return true;
}

async function remove(api: ServiceApi, writerId: string): Promise<void> {
  const name = serviceNameOf(writerId);
  const before = readService(api, writerId);
  if (!(await stop(api, writerId))) return;
  // A stop takes its time, in which somebody else may do something with the service.
  const found = readService(api, writerId);
  if (found === null && before !== null) return;
  if (found !== before) {
    throw new WsbError(
      "ERR_WSB_CONFLICT",
      `Another program has changed the service ${name} while it was stopped. Look at it: sc.exe qc ${name}`,
    );
  }
  await explained(`Cannot delete the service ${name}`, async () => {
    await api.deleteService(name);
    // Windows would write it within half a minute, and a power cut would bring the service back.
    api.flushRegistryKey("SYSTEM");
  });
}

/** Returns the services of this machine's writers. */
export function writerServicesOn(api: ServiceApi): WriterServices {
  return {
    read: (writerId) => readService(api, writerId),
    install: (writerId, document) => install(api, writerId, document),
    start: (writerId) => start(api, writerId),
    remove: (writerId) => remove(api, writerId),
  };
}
