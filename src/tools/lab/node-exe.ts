import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { fetchNodeExe } from "../download/node.ts";
import { alignSections } from "./align-sections.ts";
import { NODE_EXE, type WineLab } from "./lab.ts";
import { linkOrCopy } from "./link.ts";
import { fromWindowsPath } from "./paths.ts";

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

/** Installs the Windows node.exe in the prefix. */
export async function placeNodeExe(lab: WineLab, signal?: AbortSignal): Promise<void> {
  const kept = await fetchNodeExe(lab.folder, signal);
  linkOrCopy(keepAligned(kept), fromWindowsPath(lab, NODE_EXE));
}
