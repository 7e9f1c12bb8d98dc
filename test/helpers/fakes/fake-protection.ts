import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync } from "node:fs";

import type { Distrust } from "../../../src/runtime/native/binding.ts";
import type { ProtectionApi } from "../../../src/runtime/native/protected-folder.ts";

export const ADMINISTRATORS = "S-1-5-32-544";
/** An ordinary user. */
export const MALLORY = "S-1-5-21-1-2-3-1001";

export const OWNED_BY_MALLORY: Distrust = { owner: MALLORY, reason: "owner", account: MALLORY };

/**
 * The part of a shim that checks files, on the real file system. Everything belongs to
 * Administrators, except the paths in `foreign`; a path that is renamed takes that along.
 */
export function fakeProtection(foreign: Map<string, Distrust> = new Map()): ProtectionApi {
  const api: ProtectionApi = {
    inspectProtected(path) {
      if (!existsSync(path)) return null;
      const distrust = foreign.get(path) ?? null;
      return {
        isFolder: lstatSync(path).isDirectory(),
        isReparsePoint: lstatSync(path).isSymbolicLink(),
        owner: distrust?.owner ?? ADMINISTRATORS,
        distrust,
      };
    },
    readProtectedFile(folders, file) {
      for (const path of [...folders, file]) {
        if (!existsSync(path)) return null;
        const distrust = foreign.get(path);
        if (distrust !== undefined) return { path, ...distrust };
      }
      return new Uint8Array(readFileSync(file));
    },
    moveAside(from, to) {
      renameSync(from, to);
      const distrust = foreign.get(from);
      foreign.delete(from);
      if (distrust !== undefined) foreign.set(to, distrust);
    },
    createProtectedFolder(path) {
      mkdirSync(path, { recursive: true });
    },
    accountName: () => null,
  };
  return api;
}
