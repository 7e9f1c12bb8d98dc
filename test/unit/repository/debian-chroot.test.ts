import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { repository } from "../../generator/generator.ts";

describe.runIf(process.platform === "linux")("tools/debian-chroot.mjs", () => {
  it("names what it needs, and makes nothing without it", () => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(repository, "tools/debian-chroot.mjs"), "trixie"],
      { env: { PATH: "/nowhere" }, encoding: "utf8" },
    );
    const needed = process.getuid?.() === 0 ? "debootstrap" : "root";
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain(needed);
  });
});
