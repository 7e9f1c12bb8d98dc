import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

import { WsbError } from "../../../base/errors.ts";
import { machineOfProgram } from "../../../base/program-machine.ts";

function refuse(message: string): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", message);
}

function checkProgram(program: string): string {
  const next = "Name a 64-bit node.exe.";
  if (!existsSync(program) || !statSync(program).isFile()) {
    throw refuse(`--node ${program} is not a file; nothing was changed. ${next}`);
  }
  const machine = machineOfProgram(program);
  if (machine === "x64") return program;
  const what = machine === undefined ? "no Windows" : `a ${machine}`;
  throw refuse(`--node ${program} is ${what} program; nothing was changed. ${next}`);
}

/** Returns the path of the installed 64-bit node.exe; it works in a 32-bit process too. */
function installedNodeExe(): string {
  return join(process.env["ProgramW6432"] ?? "C:\\Program Files", "nodejs", "node.exe");
}

/**
 * Returns the node.exe for an add-in: the one from the command line, or the running one.
 *
 * It must be for x64, like the shim, Windows Server Backup and its marshalling code. A 32-bit
 * node.exe uses the installed one.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` if it is missing or for another processor.
 */
export function findServingNode(node?: string): string {
  if (node !== undefined) return checkProgram(resolve(node));
  if (process.arch === "x64") return process.execPath;
  const installed = installedNodeExe();
  if (existsSync(installed)) return checkProgram(installed);
  throw refuse(
    `An add-in needs a 64-bit node.exe. This node.exe is not 64-bit, and ${installed} does not exist; nothing was changed. Name a 64-bit node.exe with --node.`,
  );
}

/**
 * Refuses to simulate Windows Server Backup in a 32-bit node.exe.
 *
 * Windows Server Backup is a 64-bit program. Microsoft documents no marshalling code for 32-bit
 * programs, and these see another System32 and another %ProgramFiles%.
 *
 * @throws {@link WsbError} `ERR_WSB_UNSUPPORTED_PLATFORM` with the command line to run instead.
 */
export function require64Bit(): void {
  if (process.arch !== "ia32") return;
  const command = [installedNodeExe(), ...process.argv.slice(1)].map((part) => `"${part}"`);
  throw new WsbError(
    "ERR_WSB_UNSUPPORTED_PLATFORM",
    `This command simulates Windows Server Backup, a 64-bit program, but this node.exe is 32-bit. Run it with a 64-bit node.exe: ${command.join(" ")}`,
  );
}
