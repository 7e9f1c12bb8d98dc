import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { makeFolders } from "../../../src/base/make-folders.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-folders-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

it("creates what is missing, and keeps what is there", () => {
  mkdirSync(join(folder, "a"));
  writeFileSync(join(folder, "a/file"), "");
  makeFolders(join(folder, "a/b/c"));
  makeFolders(join(folder, "a/b/c"));
  expect(statSync(join(folder, "a/b/c")).isDirectory()).toBe(true);
});

it.each(["file", "file/below"])("fails for %s where a file is", (path) => {
  writeFileSync(join(folder, "file"), "");
  expect(() => makeFolders(join(folder, path))).toThrow(/^EEXIST|^ENOTDIR/u);
});

// Here, Node.js' own recursive mkdir never ends.
it.runIf(process.platform !== "win32")("fails in /proc, where nobody can make a folder", () => {
  expect(() => makeFolders("/proc/wsb-addin/dist")).toThrow(/^E[A-Z]+:/u);
});
