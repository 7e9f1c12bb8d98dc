/** diskshadow.exe of this Windows. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { NativeBinding } from "../../runtime/native/binding.ts";
import { runConsoleProgram } from "../windows/console-program.ts";
import type { DiskshadowOptions } from "./make-shadow-copy.ts";
import { deviceIn } from "./script.ts";

type Api = Pick<NativeBinding, "knownFolders">;

function programOf(api: Api): string {
  return join(api.knownFolders().windows, "System32", "diskshadow.exe");
}

/** Tells whether this Windows has diskshadow.exe; only Windows Server has. */
export function hasDiskshadow(api: Api): boolean {
  return existsSync(programOf(api));
}

/** Returns what a backup needs to let diskshadow.exe make its shadow copies. */
export function diskshadowOf(
  api: NativeBinding,
  rest: Pick<DiskshadowOptions, "writerId" | "volumes" | "report" | "signal">,
): DiskshadowOptions {
  return {
    api,
    program: { file: programOf(api), args: [] },
    node: process.execPath,
    deviceOf: async (shadowId, signal) => {
      const args = ["list", "shadows", `/shadow=${shadowId}`];
      return deviceIn(await runConsoleProgram(api, "vssadmin.exe", args, signal), shadowId);
    },
    ...rest,
  };
}
