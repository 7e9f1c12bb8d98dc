import { showComponent, type Component } from "../../base/component.ts";
import { WsbError } from "../../base/errors.ts";
import { HRESULT, isFailure } from "../../base/hresult.ts";
import { IID } from "../../base/interface-ids.ts";
import { MANIFEST_FILE, requireAddin, type Manifest } from "../../runtime/manifest/manifest.ts";
import type { Emit } from "../../runtime/events/emit.ts";
import type { WriterMetadata } from "../../runtime/metadata/writer-metadata.ts";
import type { NativeBinding, RemoteAddin } from "../../runtime/native/binding.ts";
import type { ComponentFileSets } from "./restore-files.ts";
import type { FindFailure, SimulationResult, Steps } from "./steps.ts";

/** A component and its files in a backup. */
export interface BackupItem extends Component, ComponentFileSets {}

/** A volume of the backup and its shadow copy. */
export interface SimulatedVolume {
  readonly source: string;
  readonly snapshot: string;
}

/** The part of the shim that the simulator needs. */
export type SimulatorApi = Pick<NativeBinding, "activate" | "queryService">;

/** The common options of restore and backup. */
export interface SimulationOptions {
  readonly api: SimulatorApi;
  readonly manifest: Manifest;
  /** The writer metadata document for the add-in, or `null`. */
  readonly writerMetadata: string | null;
  readonly components: readonly BackupItem[];
  readonly signal: AbortSignal;
  /** Receives each step when it has ended. */
  readonly emit: Emit;
  /** @defaultValue the failures of handlers are not looked up */
  readonly findFailure?: FindFailure;
}

/** Returns the components of a writer's document for the simulator. */
export function componentsOf({ components }: WriterMetadata): readonly BackupItem[] {
  return components.map(({ componentName, logicalPath, files, logFiles }) => ({
    componentName,
    logicalPath,
    files,
    logFiles,
  }));
}

/**
 * Chooses the components of a simulation: all components of the document, or only the named ones
 * (`logicalPath\componentName`). Without a document, each name makes a component. Without names,
 * there is one component, named after the application.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when the document has no such component.
 */
export function chooseComponents(
  document: readonly BackupItem[] | undefined,
  names: readonly string[],
  applicationName: string,
): readonly BackupItem[] {
  if (document === undefined) {
    if (names.length === 0)
      return [{ componentName: applicationName, logicalPath: null, files: [], logFiles: [] }];
    return names.map((name) => {
      const split = name.lastIndexOf("\\");
      return {
        componentName: name.slice(split + 1),
        logicalPath: split === -1 ? null : name.slice(0, split),
        files: [],
        logFiles: [],
      };
    });
  }
  if (names.length === 0) return document;
  return names.map((name) => {
    const found = document.find((component) => showComponent(component) === name);
    if (found !== undefined) return found;
    const known = document.slice(0, 20).map(showComponent).join(", ");
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `The metadata document has no component ${JSON.stringify(name)}. It has: ${known}.`,
    );
  });
}

const interfaces: Readonly<
  Record<"restore" | "backup", { readonly iid: string; readonly what: string }>
> = {
  restore: { iid: IID.restoreSupport, what: "restores" },
  backup: { iid: IID.backupSupport, what: "consistency checks" },
};

/** Tells whether the add-in supports the interface of a task. Its absence is not a failure. */
export async function handles(
  steps: Steps,
  addin: RemoteAddin,
  task: keyof typeof interfaces,
): Promise<boolean> {
  const { iid, what } = interfaces[task];
  const hresult = await addin.queryInterface(iid);
  if (!isFailure(hresult)) return true;
  await steps.take({
    step: "QueryInterface",
    run: async () => hresult,
    describe: () => ({
      hresult,
      failed: hresult !== HRESULT.E_NOINTERFACE,
      detail: `the add-in does not handle ${what}`,
    }),
  });
  return false;
}

/** Says which services do not stand still while files are replaced. */
export function notStopped(states: SimulationResult["services"]): string | undefined {
  const running = Object.keys(states).filter(
    (name) => states[name] !== "STOPPED" && states[name] !== "missing",
  );
  return running.length === 0
    ? undefined
    : `${running.join(", ")} must be stopped while files are replaced`;
}

/** Returns the services that ran before a simulation and are stopped after it. */
export function leftStopped(
  before: SimulationResult["services"],
  after: SimulationResult["services"],
): readonly string[] {
  return Object.keys(before).filter(
    (name) => before[name] === "RUNNING" && after[name] !== "RUNNING",
  );
}

/**
 * Queries the states of the manifest's services.
 *
 * @param judge Says what is wrong with them; `undefined` when nothing is.
 */
export async function lookAtServices(
  steps: Steps,
  { api, manifest }: SimulationOptions,
  judge: (states: SimulationResult["services"]) => string | undefined = () => undefined,
): Promise<SimulationResult["services"]> {
  const states: Record<string, SimulationResult["services"][string]> = {};
  if (manifest.services.length === 0) return states;
  await steps.take({
    step: "services",
    async run() {
      for (const name of manifest.services) {
        states[name] = (await api.queryService(name))?.state ?? "missing";
      }
    },
    describe() {
      const shown = Object.entries(states).map(([name, state]) => `${name} ${state}`);
      const wrong = judge(states);
      return {
        failed: wrong !== undefined,
        detail: `${shown.join(", ")}${wrong === undefined ? "" : `: ${wrong}`}`,
      };
    },
  });
  return states;
}

/**
 * Activates the add-in in its own process.
 *
 * @returns `undefined` when the activation failed; the timeline shows the reason.
 */
export async function activateAddin(
  steps: Steps,
  { api, manifest }: SimulationOptions,
): Promise<RemoteAddin | undefined> {
  const { clsid } = requireAddin(manifest, MANIFEST_FILE, {
    to: "activate",
    instead: "run with --without-addin",
  }).addin;
  const activated = await steps.call({
    step: "activate",
    call: () => api.activate(clsid),
    describe: () => clsid,
  });
  return activated.value;
}
