import { win32 } from "node:path";

import { isPackedExe } from "../../../base/packed.ts";

/** The script of the command line in a packed folder. */
const PACKED_SCRIPT = "wsb-addin.js";

/**
 * Returns what a person types here to run a command of this program: `npx wsb-addin recover` in a
 * project, `wsb-addin recover` where it is installed for all, or the packed program's own name.
 */
export function ownCommand(command: string): string {
  if (isPackedExe()) return `${win32.basename(process.execPath)} ${command}`;
  if (win32.basename(process.argv[1] ?? "") === PACKED_SCRIPT) {
    return `node.exe ${PACKED_SCRIPT} ${command}`;
  }
  // npx and the scripts of package.json set this variable, and so does pnpm.
  const isInProject = process.env["npm_command"] !== undefined;
  return `${isInProject ? "npx " : ""}wsb-addin ${command}`;
}
