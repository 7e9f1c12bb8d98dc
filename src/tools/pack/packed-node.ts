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
    `--node ${path} is not a file. Name the Windows node.exe that is to run the add-in.`,
  );
}

/** Where the Node.js of a packed add-in comes from. */
export interface NodeSource {
  /** Path of a Windows node.exe. */
  readonly node: string | undefined;
  /** Keeps what is fetched, for the next time. */
  readonly downloadFolder: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * Finds the node.exe that goes with an add-in: the one named, else on Windows the one that runs
 * this, else one that is fetched with npm and kept.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when it is no node.exe for Windows x64.
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
 * Finds a Node.js that runs here and has the version of the packed node.exe: only the same version
 * prepares a script that it understands. On Linux it is fetched with npm when this process is
 * another one.
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
    `An exe for Node.js ${version} is prepared by the same version, and this is ${process.versions.node} on ${process.platform} ${process.arch}. Run the command with Node.js ${version}, or on Linux x64.`,
  );
}
