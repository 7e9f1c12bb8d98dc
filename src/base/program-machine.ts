import { closeSync, openSync, readSync } from "node:fs";

// winnt.h
const IMAGE_DOS_SIGNATURE = 0x5a4d;
const IMAGE_NT_SIGNATURE = 0x00004550;
const names: Readonly<Record<number, ProgramMachine>> = {
  0x14c: "32-bit",
  0x8664: "x64",
  0xaa64: "ARM64",
};

/** The processor that a Windows program is for; `undefined` if the file is no such program. */
export type ProgramMachine = "x64" | "32-bit" | "ARM64" | "foreign" | undefined;

function readBytes(file: number, length: number, position: number): Buffer {
  const bytes = Buffer.alloc(length);
  readSync(file, bytes, 0, length, position);
  return bytes;
}

/** Reads the processor that a program is for from its header. */
export function machineOfProgram(program: string): ProgramMachine {
  const file = openSync(program, "r");
  try {
    const dosHeader = readBytes(file, 64, 0);
    if (dosHeader.readUInt16LE(0) !== IMAGE_DOS_SIGNATURE) return undefined;
    const header = readBytes(file, 6, dosHeader.readUInt32LE(60));
    if (header.readUInt32LE(0) !== IMAGE_NT_SIGNATURE) return undefined;
    return names[header.readUInt16LE(4)] ?? "foreign";
  } finally {
    closeSync(file);
  }
}
