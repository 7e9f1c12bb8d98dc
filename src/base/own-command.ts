import { existsSync } from "node:fs";
import { dirname, join, win32 } from "node:path";

import { isPackedExe } from "./packed.ts";

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

/** The part of this process that tells where its command line is. */
export interface RunningProgram {
  readonly execPath: string;
  /** The script of node.exe. */
  readonly script: string | undefined;
  readonly isExe: boolean;
}

function thisProgram(): RunningProgram {
  return { execPath: process.execPath, script: process.argv[1], isExe: isPackedExe() };
}

/**
 * Returns what a person types in any folder of this machine to run a command for the running add-in:
 * with full paths of a packed add-in, which is all that a server has. Events and errors of the server
 * are read somewhere else than where it runs.
 */
export function commandHere(command: string, program: RunningProgram = thisProgram()): string {
  const { execPath, script, isExe } = program;
  if (isExe) return `"${execPath}" ${command}`;
  const packed = script && join(dirname(script), PACKED_SCRIPT);
  return packed !== undefined && packed !== "" && existsSync(packed)
    ? `"${execPath}" "${packed}" ${command}`
    : `wsb-addin ${command}`;
}
