import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

import { WsbError } from "../../../base/errors.ts";

// winnt.h
const IMAGE_DOS_SIGNATURE = 0x5a4d;
const IMAGE_NT_SIGNATURE = 0x00004550;
const IMAGE_FILE_MACHINE_AMD64 = 0x8664;
const machineNames: Readonly<Record<number, string>> = { 0x14c: "32-bit", 0xaa64: "ARM64" };

function readBytes(file: number, length: number, position: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, position);
  return bytes;
}

/** Reads the machine type of a Windows program; `undefined` if the file is not one. */
function machineOf(program: string): number | undefined {
  const file = openSync(program, "r");
  try {
    const dosHeader = readBytes(file, 64, 0);
    if (dosHeader.readUInt16LE(0) !== IMAGE_DOS_SIGNATURE) return undefined;
    const header = readBytes(file, 6, dosHeader.readUInt32LE(60));
    return header.readUInt32LE(0) === IMAGE_NT_SIGNATURE ? header.readUInt16LE(4) : undefined;
  } finally {
    closeSync(file);
  }
}

function refuse(message: string): WsbError {
  return new WsbError("ERR_WSB_INVALID_ARGUMENT", message);
}

function checkProgram(program: string): string {
  const next = "Name a 64-bit node.exe.";
  if (!existsSync(program) || !statSync(program).isFile()) {
    throw refuse(`--node ${program} is not a file; nothing was changed. ${next}`);
  }
  const machine = machineOf(program);
  if (machine === IMAGE_FILE_MACHINE_AMD64) return program;
  const what = machine === undefined ? "no Windows" : `a ${machineNames[machine] ?? "foreign"}`;
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
