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
  it("takes the first that can be run", () => {
    place("a/tool", 0o644);
    const tool = place("b/tool", 0o755);
    place("c/tool", 0o755);
    vi.stubEnv("PATH", ["none", "a", "b", "c"].map((name) => join(folder, name)).join(delimiter));

    expect(findProgram("tool")).toBe(tool);
    expect(findProgram("other")).toBeUndefined();
  });

  it("looks in the given folders before the PATH", () => {
    place("path/tool", 0o755);
    const tool = place("first/tool", 0o755);
    vi.stubEnv("PATH", join(folder, "path"));

    expect(findProgram("tool", [join(folder, "first")])).toBe(tool);
  });

  it.each([
    ["an empty entry", ""],
    ["the current folder", "."],
  ])("does not take what is here for %s", (_, entry) => {
    const tool = place("tool", 0o755);
    vi.stubEnv("PATH", entry);

    expect(findProgram(relative(process.cwd(), tool))).toBeUndefined();
  });

  it("finds nothing without a PATH", () => {
    vi.stubEnv("PATH", undefined);

    expect(findProgram("node")).toBeUndefined();
  });
});
