/** What an exe that `wsb-addin pack` made carries: Node.js, the server, and files of its own. */
import { dirname, join } from "node:path";
import { getAsset, isSea } from "node:sea";

/** Whether this program is such an exe. */
export function isPackedExe(): boolean {
  return isSea();
}

/** Where a file of the exe would be if it lay beside it; `undefined` outside an exe. */
export function besideExe(name: string): string | undefined {
  return isSea() ? join(dirname(process.execPath), name) : undefined;
}

/** A file that the exe carries. */
export function packedFile(name: string): Uint8Array {
  return new Uint8Array(getAsset(name));
}
