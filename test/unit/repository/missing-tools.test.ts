import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { repository } from "../../generator/generator.ts";

let programs: string;
beforeEach(() => {
  programs = mkdtempSync(join(tmpdir(), "wsb-missing-"));
});
afterEach(() => {
  rmSync(programs, { recursive: true });
});

/** Runs `setup --missing` on a machine that has only these programs. */
function missing(...names: readonly string[]) {
  symlinkSync(process.execPath, join(programs, "node"));
  for (const name of names) {
    writeFileSync(join(programs, name), "#!/bin/sh\nexit 0\n");
    chmodSync(join(programs, name), 0o755);
  }
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(repository, "tools/setup.mjs"), "--missing"],
    { env: { PATH: programs }, encoding: "utf8" },
  );
  return { status, lines: stdout.trimEnd().split("\n") };
}

describe.runIf(process.platform === "linux")("setup --missing", () => {
  it("gives the command of Debian and Ubuntu", () => {
    const { status, lines } = missing("apt-get");
    expect(status).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^Run: sudo apt-get update && sudo apt-get install .*\bwine64\b/u);
  });

  it.each([
    ["dnf", "dnf provides '*/x86_64-w64-mingw32-widl'"],
    ["pacman", "pacman -F x86_64-w64-mingw32-widl"],
    ["zypper", "zypper search --provides x86_64-w64-mingw32-widl"],
    ["apk", "apk search cmd:x86_64-w64-mingw32-widl"],
  ])("says how %s finds the package of each missing program", (manager, search) => {
    const { status, lines } = missing(manager, "wine");
    expect(status).toBe(1);
    expect(lines.find((line) => line.includes("widl"))).toContain(search);
    expect(lines.filter((line) => line.startsWith("  wine"))).toEqual([]);
  });

  it("names the programs without a known package manager", () => {
    expect(missing().lines).toContain("  ninja (on Debian in ninja-build)");
  });
});
