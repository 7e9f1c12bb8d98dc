import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isObject } from "../../base/json.ts";

/** The versions that a lab was made from. A part is made again when its entry differs. */
export interface LabStamp {
  /** The version of Wine. */
  readonly wine: string;
  readonly node: string;
  /** The hash of the proxy/stub and the test service. */
  readonly binaries: string;
}

function stampPath(folder: string): string {
  return join(folder, "lab.json");
}

/** Reads the stamp of the lab in `folder`; `undefined` means that the lab must be made. */
export function readStamp(folder: string): LabStamp | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(stampPath(folder), "utf8"));
    if (!isObject(value)) return undefined;
    const { wine, node, binaries } = value;
    if (typeof wine !== "string" || typeof node !== "string" || typeof binaries !== "string") {
      return undefined;
    }
    return { wine, node, binaries };
  } catch {
    return undefined;
  }
}

/** Replaces the stamp in one step: a reader sees either the old or the new stamp. */
export function writeStamp(folder: string, stamp: LabStamp): void {
  const temporary = `${stampPath(folder)}.${String(process.pid)}`;
  writeFileSync(temporary, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(temporary, stampPath(folder));
}

/** Marks the lab as not up, so that an interrupted change is repeated. */
export function removeStamp(folder: string): void {
  rmSync(stampPath(folder), { force: true });
}
