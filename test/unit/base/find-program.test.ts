import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, relative } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { findProgram } from "../../../src/base/find-program.ts";

let folder = "";

function place(path: string, mode: number): string {
  const file = join(folder, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, "");
  chmodSync(file, mode);
  return file;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-find-program-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe.runIf(process.platform === "linux")("findProgram", () => {
  it("returns the first executable program", () => {
    place("a/tool", 0o644);
    const tool = place("b/tool", 0o755);
    place("c/tool", 0o755);
    vi.stubEnv("PATH", ["none", "a", "b", "c"].map((name) => join(folder, name)).join(delimiter));

    expect(findProgram("tool")).toBe(tool);
    expect(findProgram("other")).toBeUndefined();
  });

  it("searches the given folders before the PATH", () => {
    place("path/tool", 0o755);
    const tool = place("first/tool", 0o755);
    vi.stubEnv("PATH", join(folder, "path"));

    expect(findProgram("tool", [join(folder, "first")])).toBe(tool);
  });

  it.each([
    ["an empty entry", ""],
    ["the current folder", "."],
  ])("ignores a program in the working folder for %s", (_, entry) => {
    const tool = place("tool", 0o755);
    vi.stubEnv("PATH", entry);

    expect(findProgram(relative(process.cwd(), tool))).toBeUndefined();
  });

  it("finds nothing without a PATH", () => {
    vi.stubEnv("PATH", undefined);

    expect(findProgram("node")).toBeUndefined();
  });
});
