import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { type Lab, describeWineLab } from "./lab.ts";
import { readStamp } from "./stamp.ts";
import { describeMachineLab } from "./windows.ts";

/**
 * Describes the lab in `folder`, or this machine on Windows; `undefined` when the lab is not up.
 *
 * Starts nothing and changes nothing.
 */
export function labInfo(folder: string): Lab | undefined {
  if (process.platform === "win32") return describeMachineLab();
  const stamp = readStamp(folder);
  const prefix = resolve(folder, "prefix");
  if (stamp === undefined || !existsSync(prefix)) return undefined;
  return describeWineLab(resolve(folder), prefix, stamp.wine);
}
