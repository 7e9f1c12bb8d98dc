import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isObject } from "../../base/json.ts";
import { type Abilities, readAbilities } from "./abilities.ts";
import type { WineLabParts } from "./lab.ts";

/** The versions that a lab was made from. A part is made again when its entry differs. */
export interface LabStamp {
  /** The version of Wine. */
  readonly wine: string;
  readonly node: string;
  /** The hash of the lab's programs. */
  readonly binaries: string;
}

/** The stamp of a lab that is up, with the answers of its Wine. */
export interface FinishedStamp extends LabStamp {
  /** `undefined` when Wine was not asked: an earlier release made the lab. */
  readonly abilities?: Abilities;
}

// Part of the version in a stamp: another alignment makes another program.
const ALIGNED = ", sections aligned";

/** Returns the entry of a stamp for a version of Node.js. */
export function nodeEntry(version: string): string {
  return `${version}${ALIGNED}`;
}

/** Returns what a lab was made from. */
export function partsOf({ wine, node, abilities = {} }: FinishedStamp): WineLabParts {
  return { wineVersion: wine, nodeVersion: node.replace(ALIGNED, ""), abilities };
}

function stampPath(folder: string): string {
  return join(folder, "lab.json");
}

/** Reads the stamp of the lab in `folder`; `undefined` means that the lab must be made. */
export function readStamp(folder: string): FinishedStamp | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(stampPath(folder), "utf8"));
    if (!isObject(value)) return undefined;
    const { wine, node, binaries, abilities } = value;
    if (typeof wine !== "string" || typeof node !== "string" || typeof binaries !== "string") {
      return undefined;
    }
    return {
      wine,
      node,
      binaries,
      ...(isObject(abilities) && { abilities: readAbilities(abilities) }),
    };
  } catch {
    return undefined;
  }
}

/** Replaces the stamp in one step: a reader sees either the old or the new stamp. */
export function writeStamp(folder: string, stamp: FinishedStamp): void {
  const temporary = `${stampPath(folder)}.${String(process.pid)}`;
  writeFileSync(temporary, `${JSON.stringify(stamp, null, 2)}\n`);
  renameSync(temporary, stampPath(folder));
}

/** Marks the lab as not up, so that an interrupted change is repeated. */
export function removeStamp(folder: string): void {
  rmSync(stampPath(folder), { force: true });
}
