import { existsSync, rmSync } from "node:fs";

import { PREBUILT } from "./binaries.ts";
import type { WineLab } from "./lab.ts";
import { fromWindowsPath, toWindowsPath } from "./paths.ts";
import { captureInLab } from "./run.ts";

/** Exists while a simulated backup holds the lab's processes: it survives a holder that is killed. */
export const HELD_FILE = "C:\\windows\\Temp\\wsb-addin-held";

/** Lets the processes go that a simulated backup holds since its holder was killed. */
export async function releaseHeld(lab: WineLab, signal?: AbortSignal): Promise<void> {
  const file = fromWindowsPath(lab, HELD_FILE);
  if (!existsSync(file)) return;
  await captureInLab(lab, toWindowsPath(lab, PREBUILT.holder), ["release"], { cwd: "/", signal });
  rmSync(file, { force: true });
}
