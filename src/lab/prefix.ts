import { existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { WsbError } from "../errors.ts";
import type { WineLab } from "./lab.ts";
import { endLabProcesses } from "./processes.ts";
import { runInLab } from "./run.ts";

async function runStep(
  lab: WineLab,
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  let output = "";
  const keep = (text: string): void => {
    output += text;
  };
  const options = { cwd: "/", onStdout: keep, onStderr: keep };
  const code = await runInLab(lab, program, args, signal ? { ...options, signal } : options);
  if (code === 0) return;
  throw new WsbError(
    "ERR_WSB_LAB",
    `${[program, ...args].join(" ")} ended with exit code ${String(code)} in ${lab.prefix}. ${output.trim()} Make the lab again: wsb-addin lab down, wsb-addin lab up.`,
  );
}

/** Makes a new Wine prefix; one that is there is removed with everything in it. */
export async function createPrefix(lab: WineLab, signal?: AbortSignal): Promise<void> {
  if (existsSync(lab.prefix)) {
    await endLabProcesses(lab);
    rmSync(lab.prefix, { recursive: true, force: true });
  }
  mkdirSync(lab.prefix, { recursive: true });
  await runStep(lab, "wineboot.exe", ["-i"], signal);
  // Node.js does not start on the Windows 7 that Wine 8 plays by default.
  await runStep(lab, "winecfg.exe", ["-v", "win10"], signal);
}

/** Whether the folder holds a prefix that was finished. */
export function hasPrefix(lab: WineLab): boolean {
  return existsSync(join(lab.prefix, "system.reg"));
}
