import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { WsbError } from "../../base/errors.ts";
import type { WineLab } from "./lab.ts";
import { endLabProcesses } from "./processes.ts";
import { captureInLab } from "./run.ts";
import { runSetupProgram } from "./run-setup-program.ts";

// COM needs this key, and Wine's installation writes it near the end.
const LAST_KEY = "HKLM\\System\\CurrentControlSet\\Services\\RpcSs";

async function isComplete(lab: WineLab, signal?: AbortSignal): Promise<boolean> {
  const query = ["query", LAST_KEY];
  const { exitCode } = await captureInLab(lab, "reg.exe", query, { cwd: "/", signal });
  return exitCode === 0;
}

/** Makes a new Wine prefix; removes an existing one with all its contents. */
export async function createPrefix(lab: WineLab, signal?: AbortSignal): Promise<void> {
  if (existsSync(lab.prefix)) {
    await endLabProcesses(lab);
    rmSync(lab.prefix, { recursive: true, force: true });
  }
  makeFolders(lab.prefix);
  await runSetupProgram(lab, "wineboot.exe", ["-i"], signal);
  // Wine reports success even when a part of its installation was killed; -u repeats it.
  if (!(await isComplete(lab, signal))) await runSetupProgram(lab, "wineboot.exe", ["-u"], signal);
  if (!(await isComplete(lab, signal))) {
    throw new WsbError(
      "ERR_WSB_LAB",
      `Wine did not finish its installation in ${lab.prefix}. Free memory and disk space, then run wsb-addin lab up again.`,
    );
  }
  // Node.js does not start on Windows 7, which Wine 8 emulates by default.
  await runSetupProgram(lab, "winecfg.exe", ["-v", "win10"], signal);
}

/** Tells whether the folder has a complete prefix. */
export function hasPrefix(lab: WineLab): boolean {
  return existsSync(join(lab.prefix, "system.reg"));
}
