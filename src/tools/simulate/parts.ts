import { showComponent, type Component } from "../../base/component.ts";
import { WsbError } from "../../base/errors.ts";
import { HRESULT, isFailure } from "../../base/hresult.ts";
import { IID } from "../../base/interface-ids.ts";
import { MANIFEST_FILE, requireAddin, type Manifest } from "../../runtime/manifest/manifest.ts";
import type { Emit } from "../../runtime/events/emit.ts";
import type { FileSpec, WriterMetadata } from "../../runtime/metadata/writer-metadata.ts";
import type { NativeBinding, RemoteAddin } from "../../runtime/native/binding.ts";
import type { FindFailure, SimulationResult, Steps } from "./steps.ts";

/** A component, and the files that a backup has of it. */
export interface BackupItem extends Component {
  readonly files: readonly FileSpec[];
}

/** The part of the shim that the simulator needs. */
export type SimulatorApi = Pick<NativeBinding, "activate" | "queryService">;

/** What restore and backup have in common. */
export interface SimulationOptions {
  readonly api: SimulatorApi;
  readonly manifest: Manifest;
  /** The writer metadata document handed to the add-in, or `null`. */
  readonly writerMetadata: string | null;
  readonly components: readonly BackupItem[];
  readonly signal: AbortSignal;
  /** Receives each step as soon as it has ended. */
  readonly emit: Emit;
  /** @defaultValue nothing tells how a handler failed */
  readonly findFailure?: FindFailure;
}

/** The components of a writer's document, as the simulator plays them. */
export function componentsOf({ components }: WriterMetadata): readonly BackupItem[] {
  return components.map(({ componentName, logicalPath, files, logFiles }) => ({
    componentName,
    logicalPath,
    files: [...files, ...logFiles],
  }));
}

/**
 * Picks the components to play: all of the document, or those named `logicalPath\componentName`.
 * Without a document the names alone make the components, and without names there is one component
 * called like the application.
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
      return [{ componentName: applicationName, logicalPath: null, files: [] }];
    return names.map((name) => {
      const split = name.lastIndexOf("\\");
      return {
        componentName: name.slice(split + 1),
        logicalPath: split === -1 ? null : name.slice(0, split),
        files: [],
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

/** Whether the add-in has the interface of a task; one that has not is as right as one that has. */
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

/** Services that ran before a simulation and do not run after it. */
export function leftStopped(
  before: SimulationResult["services"],
  after: SimulationResult["services"],
): readonly string[] {
  return Object.keys(before).filter(
    (name) => before[name] === "RUNNING" && after[name] !== "RUNNING",
  );
}

/** Looks at the states of the manifest's services. */
export async function lookAtServices(
  steps: Steps,
  { api, manifest }: SimulationOptions,
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
    describe: () => ({
      failed: false,
      detail: Object.entries(states)
        .map(([name, state]) => `${name} ${state}`)
        .join(", "),
    }),
  });
  return states;
}

/**
 * Activates the add-in in a process of its own.
 *
 * @returns `undefined` when COM could not; the timeline says why.
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
