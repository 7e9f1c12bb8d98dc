import { existsSync } from "node:fs";
import { resolve } from "node:path";

import { type Lab, describeWineLab } from "./lab.ts";
import { partsOf, readStamp } from "./stamp.ts";
import { readWineVersion } from "./wine.ts";
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
  return describeWineLab(resolve(folder), prefix, partsOf(stamp));
}

/**
 * Returns a sentence for people when the installed Wine is not the one that the lab was made with;
 * else `undefined`.
 */
export function wineUpgrade(lab: Lab): string | undefined {
  const installed = lab.kind === "wine" ? readWineVersion() : undefined;
  if (lab.kind !== "wine" || installed === undefined || installed === lab.wineVersion) {
    return undefined;
  }
  return `The lab was made with ${lab.wineVersion}, and ${installed} is installed. Run: wsb-addin lab up`;
}
