import { existsSync, readFileSync, statSync } from "node:fs";
import { resolve } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { fetchLinuxNode, fetchNodeExe } from "../download/node.ts";
import { readNodeVersion } from "./exe.ts";

/** A Windows node.exe. */
export interface NodeProgram {
  readonly path: string;
  readonly content: Uint8Array;
  readonly version: string;
}

function requireFile(node: string): string {
  const path = resolve(node);
  if (existsSync(path) && statSync(path).isFile()) return path;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `--node ${path} is not a file. Give the Windows node.exe that runs the add-in.`,
  );
}

/** The source of the Node.js in a packed add-in. */
export interface NodeSource {
  /** The path of a Windows node.exe. */
  readonly node: string | undefined;
  /** The cache folder for downloads. */
  readonly downloadFolder: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds the node.exe for a packed add-in: the given one, else on Windows the running one, else one
 * that is downloaded with npm and cached.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when it is not a node.exe for Windows x64.
 */
export async function findPackedNode(source: NodeSource): Promise<NodeProgram> {
  const { node, downloadFolder, signal } = source;
  const own = process.platform === "win32" ? process.execPath : undefined;
  const path =
    node === undefined ? (own ?? (await fetchNodeExe(downloadFolder, signal))) : requireFile(node);
  const content = readFileSync(path);
  return { path, content, version: readNodeVersion(path, content) };
}

/**
 * Finds a Node.js that runs here and has the version of the packed node.exe, which can read only
 * scripts prepared by the same version. On Linux, downloads it with npm unless this process has
 * that version.
 *
 * @throws {@link WsbError} `ERR_WSB_UNSUPPORTED_PLATFORM` elsewhere.
 */
export async function findPreparingNode(
  { path, version }: NodeProgram,
  { downloadFolder, signal }: Omit<NodeSource, "node">,
): Promise<string> {
  if (process.platform === "win32") return path;
  if (process.versions.node === version) return process.execPath;
  if (process.platform === "linux" && process.arch === "x64") {
    return fetchLinuxNode(downloadFolder, version, signal);
  }
  throw new WsbError(
    "ERR_WSB_UNSUPPORTED_PLATFORM",
    `Cannot prepare an exe for Node.js ${version} with Node.js ${process.versions.node} on ${process.platform} ${process.arch}. Run the command with Node.js ${version}, or on Linux x64.`,
  );
}
