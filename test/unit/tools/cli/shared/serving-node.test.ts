import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { findServingNode, require64Bit } from "../../../../../src/tools/cli/shared/serving-node.ts";

const AMD64 = 0x8664;
const usage = expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" });
const architecture = process.arch;
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-node-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  playOn(architecture);
  rmSync(folder, { recursive: true });
});

function playOn(arch: string): void {
  Object.defineProperty(process, "arch", { value: arch });
}

/** Returns the headers of a Windows program that the kit reads. */
function program(machine: number, signature = "PE\0\0"): Uint8Array {
  const bytes = Buffer.alloc(256);
  bytes.write("MZ");
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write(signature, 0x80, "latin1");
  bytes.writeUInt16LE(machine, 0x84);
  return new Uint8Array(bytes);
}

function place(name: string, content: Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
}

describe("the node.exe that serves an add-in", () => {
  it("is the given one when it is for x64", () => {
    const named = place("node.exe", program(AMD64));
    expect(findServingNode(named)).toBe(named);
  });

  it.each([
    ["a 32-bit program", program(0x14c)],
    ["a program for ARM64", program(0xaa64)],
    ["a program for an unknown processor", program(0x1234)],
    ["a program of DOS", program(AMD64, "NE\0\0")],
    ["a program that breaks off", program(AMD64).subarray(0, 0x80)],
    ["a script", new Uint8Array(Buffer.from("#!/bin/sh\n".padEnd(100)))],
    ["an empty file", new Uint8Array()],
  ])("is not %s", (_, content) => {
    expect(() => findServingNode(place("node.exe", content))).toThrow(usage);
  });

  it("is not a folder or a missing file", () => {
    expect(() => findServingNode(folder)).toThrow(usage);
    expect(() => findServingNode(join(folder, "none.exe"))).toThrow(usage);
  });

  it("is the running one when none is given", () => {
    playOn("x64");
    expect(findServingNode()).toBe(process.execPath);
  });

  it("is the installed 64-bit one when the running one is 32-bit", () => {
    playOn("ia32");
    vi.stubEnv("ProgramW6432", folder);
    expect(() => findServingNode()).toThrow(usage);
    const installed = place(join("nodejs", "node.exe"), program(AMD64));
    expect(findServingNode()).toBe(installed);
    place(join("nodejs", "node.exe"), program(0x14c));
    expect(() => findServingNode()).toThrow(usage);
  });
});

describe("a command that simulates Windows Server Backup", () => {
  it("runs only in a 64-bit node.exe", () => {
    playOn("x64");
    expect(() => require64Bit()).not.toThrow();
    playOn("ia32");
    expect(() => require64Bit()).toThrow(
      expect.objectContaining({ code: "ERR_WSB_UNSUPPORTED_PLATFORM" }),
    );
  });
});
