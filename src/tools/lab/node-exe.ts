import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { fetchNodeExe } from "../download/node.ts";
import { alignSections } from "./align-sections.ts";
import { NODE_EXE, type WineLab } from "./lab.ts";
import { linkOrCopy } from "./link.ts";
import { fromWindowsPath, toWindowsPath } from "./paths.ts";
import { captureInLab } from "./run.ts";

/** Returns the path of a cached copy of a program that Wine starts in half the time. */
function keepAligned(program: string): string {
  const aligned = join(dirname(program), "aligned.exe");
  if (!existsSync(aligned)) {
    const temporary = `${aligned}.${String(process.pid)}`;
    writeFileSync(temporary, alignSections(readFileSync(program)));
    renameSync(temporary, aligned);
  }
  return aligned;
}

/**
 * Downloads the lab's node.exe if necessary, and checks that this Wine runs it. Changes nothing in
 * the prefix.
 *
 * @returns The path of the program.
 * @throws {@link WsbError} `ERR_WSB_LAB` when Wine does not run it.
 */
export async function prepareNodeExe(lab: WineLab, signal?: AbortSignal): Promise<string> {
  const program = keepAligned(await fetchNodeExe(lab.folder, signal, lab.nodeVersion));
  const args = ["-p", "process.version"];
  const { output } = await captureInLab(lab, toWindowsPath(lab, program), args, {
    cwd: "/",
    signal,
  });
  if (output.trim() === `v${lab.nodeVersion}`) return program;
  throw new WsbError(
    "ERR_WSB_LAB",
    `${lab.wineVersion} does not run Node.js ${lab.nodeVersion}. Choose another version, for example: wsb-addin lab up --node 22`,
  );
}

/** Installs the Windows node.exe in the prefix. */
export async function placeNodeExe(lab: WineLab, signal?: AbortSignal): Promise<void> {
  linkOrCopy(await prepareNodeExe(lab, signal), fromWindowsPath(lab, NODE_EXE));
}
