/** Access to the exe that `wsb-addin pack` makes: Node.js, the server and the files it carries. */
import { dirname, join } from "node:path";
import { getAsset, isSea } from "node:sea";

/** Tells whether this program is a packed exe. */
export function isPackedExe(): boolean {
  return isSea();
}

/** Returns the path of a file beside the exe, existing or not; `undefined` outside an exe. */
export function besideExe(name: string): string | undefined {
  return isSea() ? join(dirname(process.execPath), name) : undefined;
}

/** Returns the contents of a file that the exe carries. */
export function packedFile(name: string): Uint8Array {
  return new Uint8Array(getAsset(name));
}
