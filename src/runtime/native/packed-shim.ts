import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { WsbError, errorText } from "../../base/errors.ts";
import { lateCrypto } from "../../base/late-modules.ts";

const SHOWN_DIGITS = 16;

/**
 * Returns the file name of a shim beside an exe. It depends on the shim: an old one may be in use.
 */
export function packedShimName(shim: Uint8Array): string {
  const digest = lateCrypto()
    .createHash("sha256")
    .update(shim)
    .digest("hex")
    .slice(0, SHOWN_DIGITS);
  return `wsb-addin-${digest}.node`;
}

function holds(path: string, content: Uint8Array): boolean {
  try {
    return readFileSync(path).equals(content);
  } catch {
    return false;
  }
}

/**
 * Writes an exe's shim to a file beside the exe, because Windows loads a library only from a file.
 * Only accounts that could replace the exe can write there.
 *
 * @returns The shim's path.
 * @throws {@link WsbError} `ERR_WSB_NATIVE_LOAD` when the folder cannot be written.
 */
export function placeShim(exe: string, shim: Uint8Array): string {
  const path = join(dirname(exe), packedShimName(shim));
  if (holds(path, shim)) return path;
  // Written as a whole, because another process of the same exe may start now.
  const own = `${path}.${lateCrypto().randomUUID()}`;
  try {
    writeFileSync(own, shim, { flag: "wx" });
    renameSync(own, path);
  } catch (error) {
    rmSync(own, { force: true });
    if (holds(path, shim)) return path;
    throw new WsbError(
      "ERR_WSB_NATIVE_LOAD",
      `Cannot write the shim to ${path}: ${errorText(error)}. Start ${exe} once from an elevated prompt: "${exe}" status`,
      { cause: error },
    );
  }
  return path;
}
