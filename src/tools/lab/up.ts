import { existsSync } from "node:fs";
import { join, resolve } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { NODE_VERSION } from "../download/node.ts";
import { hashBinaries, placeBinaries } from "./binaries.ts";
import { type Lab, NODE_EXE, type WineLab, describeWineLab } from "./lab.ts";
import { withLock } from "./lock.ts";
import { placeNodeExe } from "./node-exe.ts";
import { requireWine } from "./packages.ts";
import { fromWindowsPath } from "./paths.ts";
import { createPrefix, hasPrefix } from "./prefix.ts";
import { endLabProcesses } from "./processes.ts";
import { type LabStamp, readStamp, removeStamp, writeStamp } from "./stamp.ts";
import { machineLabUp } from "./windows.ts";

/** The options for making a lab. */
export interface LabUpOptions {
  /** @see labFolder */
  readonly folder: string;
  /** Called with a message before each long step, and after it with the time it took. */
  readonly onProgress?: (message: string) => void;
  readonly signal?: AbortSignal;
}

interface Step {
  readonly title: string;
  readonly isDone: boolean;
  readonly run: (signal?: AbortSignal) => Promise<void>;
}

function planSteps(lab: WineLab, wanted: LabStamp, found?: LabStamp): readonly Step[] {
  const prefixDone = found?.wine === wanted.wine && hasPrefix(lab);
  return [
    {
      title: "Creating the Wine prefix (about 10 s)",
      isDone: prefixDone,
      run: (signal) => createPrefix(lab, signal),
    },
    {
      title: `Installing Node.js ${NODE_VERSION} for Windows (downloads 35 MB the first time)`,
      isDone:
        prefixDone && found.node === wanted.node && existsSync(fromWindowsPath(lab, NODE_EXE)),
      run: (signal) => placeNodeExe(lab, signal),
    },
    {
      title: "Registering the proxy/stub",
      isDone: prefixDone && found.binaries === wanted.binaries,
      run: (signal) => placeBinaries(lab, signal),
    },
  ];
}

async function runStep(step: Step, options: LabUpOptions): Promise<void> {
  const start = Date.now();
  options.onProgress?.(`${step.title} …`);
  await step.run(options.signal);
  options.signal?.throwIfAborted();
  options.onProgress?.(`${step.title}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

async function wineLabUp(options: LabUpOptions): Promise<Lab> {
  const wanted: LabStamp = {
    wine: requireWine(),
    node: `${NODE_VERSION}, sections aligned`,
    binaries: hashBinaries(),
  };
  const folder = resolve(options.folder);
  const lab = describeWineLab(folder, join(folder, "prefix"), wanted.wine);
  const missing = (): readonly Step[] =>
    planSteps(lab, wanted, readStamp(folder)).filter((step) => !step.isDone);
  if (missing().length === 0) return lab;

  makeFolders(folder);
  await withLock(join(folder, "lock"), options.signal, async () => {
    // The previous holder of the lock may have done all steps.
    const steps = missing();
    if (steps.length === 0) return;
    removeStamp(folder);
    try {
      for (const step of steps) {
        await runStep(step, options);
      }
    } finally {
      // Flushes the registry to disk for clones, and cleans up after a failure.
      await endLabProcesses(lab);
    }
    writeStamp(folder, wanted);
  });
  return lab;
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
