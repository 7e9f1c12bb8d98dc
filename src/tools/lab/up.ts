import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { NODE_VERSION, NODE_VERSIONS, type NodeMajor } from "../download/node.ts";
import type { Abilities } from "./abilities.ts";
import { askAbilities } from "./ask-abilities.ts";
import { hashBinaries, placeBinaries } from "./binaries.ts";
import { leaveOutKeepAlive } from "./keep-alive.ts";
import { type Lab, NODE_EXE, type WineLab, describeWineLab } from "./lab.ts";
import { withLock } from "./lock.ts";
import { placeNodeExe, prepareNodeExe } from "./node-exe.ts";
import { requireWine } from "./packages.ts";
import { fromWindowsPath } from "./paths.ts";
import { createPrefix, hasPrefix } from "./prefix.ts";
import { endLabProcesses } from "./processes.ts";
import {
  type FinishedStamp,
  type LabStamp,
  nodeEntry,
  readStamp,
  removeStamp,
  writeStamp,
} from "./stamp.ts";
import { machineLabUp } from "./windows.ts";

/** The options for making a lab. */
export interface LabUpOptions {
  /** @see labFolder */
  readonly folder: string;
  /** The major version of Node.js. @defaultValue the lab's own, and 22 for a new lab */
  readonly node?: NodeMajor;
  /** Called with a message before each long step, and after it with the time it took. */
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

interface Step<T = void> {
  readonly title: string;
  readonly run: (signal?: AbortSignal) => Promise<T>;
}

interface PlannedStep extends Step {
  readonly isDone: boolean;
}

/** What a lab shall become, and what it is. */
interface Change {
  readonly lab: WineLab;
  readonly wanted: LabStamp;
  readonly found: FinishedStamp | undefined;
}

function hasSamePrefix({ lab, wanted, found }: Change): boolean {
  return found?.wine === wanted.wine && hasPrefix(lab);
}

function hasSameNode({ lab, wanted, found }: Change): boolean {
  return found?.node === wanted.node && existsSync(fromWindowsPath(lab, NODE_EXE));
}

function planSteps(change: Change): readonly Step[] {
  const { lab, wanted, found } = change;
  const prefixDone = hasSamePrefix(change);
  const steps: readonly PlannedStep[] = [
    {
      title: "Creating the Wine prefix (about 10 s)",
      isDone: prefixDone,
      run: (signal) => createPrefix(lab, signal),
    },
    {
      title: `Installing Node.js ${lab.nodeVersion} for Windows (downloads 35 MB the first time)`,
      isDone: prefixDone && hasSameNode(change),
      run: (signal) => placeNodeExe(lab, signal),
    },
    {
      title: "Registering the proxy/stub",
      isDone: prefixDone && found?.binaries === wanted.binaries,
      run: (signal) => placeBinaries(lab, signal),
    },
  ];
  return steps.filter((step) => !step.isDone);
}

function isUp(change: Change): boolean {
  return planSteps(change).length === 0 && change.found?.abilities !== undefined;
}

/** Returns the chosen version of Node.js, else the lab's own, in its newest release here. */
function chooseNode(options: LabUpOptions, found: LabStamp | undefined): string {
  if (options.node !== undefined) return NODE_VERSIONS[options.node];
  const major = found?.node.split(".")[0];
  return Object.entries(NODE_VERSIONS).find(([known]) => known === major)?.[1] ?? NODE_VERSION;
}

function planChange(options: LabUpOptions, wine: string): Change {
  const folder = resolve(options.folder);
  const found = readStamp(folder);
  const nodeVersion = chooseNode(options, found);
  const wanted = { wine, node: nodeEntry(nodeVersion), binaries: hashBinaries() };
  const abilities = found?.abilities ?? {};
  const parts = { wineVersion: wine, nodeVersion, abilities };
  return { lab: describeWineLab(folder, join(folder, "prefix"), parts), wanted, found };
}

/** Asks what Wine can do, and again after it was helped with what it cannot. */
function askIn(lab: WineLab): Step<Abilities>["run"] {
  return async (signal) => {
    const abilities = await askAbilities(lab, signal);
    if (abilities["fetch"] === true) return abilities;
    await leaveOutKeepAlive(lab, signal);
    return askAbilities(lab, signal);
  };
}

/** Changes the lab, and returns what its Wine can do afterwards. */
async function makeLab(change: Change, options: LabUpOptions): Promise<Abilities> {
  const { lab, wanted, found } = change;
  if (found !== undefined && found.wine !== wanted.wine) {
    options.onProgress?.(
      `Wine was upgraded from ${found.wine} to ${wanted.wine}. The lab is made again, without its registrations and services.`,
    );
  }
  // First, so that a Wine that does not run this version keeps the lab and its programs as they are.
  if (hasSamePrefix(change) && !hasSameNode(change)) await prepareNodeExe(lab, options.signal);
  removeStamp(lab.folder);
  try {
    for (const step of planSteps(change)) await runStep(step, options);
    return await runStep({ title: "Asking Wine what it can do", run: askIn(lab) }, options);
  } finally {
    // Flushes the registry to disk for clones, and cleans up after a failure.
    await endLabProcesses(lab);
  }
}

async function runStep<T>(step: Step<T>, options: LabUpOptions): Promise<T> {
  const start = Date.now();
  options.onProgress?.(`${step.title} …`);
  const value = await step.run(options.signal);
  options.signal?.throwIfAborted();
  options.onProgress?.(`${step.title}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return value;
}

async function wineLabUp(options: LabUpOptions): Promise<Lab> {
  const wine = requireWine();
  const first = planChange(options, wine);
  if (isUp(first)) return first.lab;
  makeFolders(first.lab.folder);
  return withLock(join(first.lab.folder, "lock"), options.signal, async () => {
    // The previous holder of the lock may have done all steps.
    const change = planChange(options, wine);
    if (isUp(change)) return change.lab;
    const abilities = await makeLab(change, options);
    writeStamp(change.lab.folder, { ...change.wanted, abilities });
    return { ...change.lab, abilities };
  });
}

/**
 * Makes the lab, or only its missing or outdated parts. Costs almost nothing when the lab is up.
 *
 * On Windows, the machine is the lab; only a missing proxy/stub is registered.
 *
 * @throws {@link WsbError} `ERR_WSB_LAB` with the next step; the signal's reason when aborted.
 */
export async function labUp(options: LabUpOptions): Promise<Lab> {
  return process.platform === "win32" ? machineLabUp() : wineLabUp(options);
}
