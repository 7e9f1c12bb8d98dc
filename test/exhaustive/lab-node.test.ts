import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";

import { NODE_VERSIONS } from "../../src/tools/download/node.ts";
import { labDown } from "../../src/tools/lab/down.ts";
import { readStamp, writeStamp } from "../../src/tools/lab/stamp.ts";
import { runCli, type CliResult } from "../helpers/cli.ts";

/** A lab of its own, because its node.exe is replaced. */
describe.runIf(process.platform !== "win32")("lab up", () => {
  let folder: string;
  const cli = (...args: readonly string[]): Promise<CliResult> =>
    runCli(join(folder, "lab"), folder, args);

  beforeAll(() => {
    folder = mkdtempSync(join(inject("labRunFolder"), "node-"));
  });

  afterAll(async () => {
    await labDown({ folder: join(folder, "lab") });
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(["22", "20", "24"] as const)(
    "runs Node.js %s, or refuses it and keeps the lab",
    async (major) => {
      const up = await cli("lab", "up", "--node", major, "--json");
      const outcome = JSON.parse(up.stdout);
      if (up.code === 0) expect(outcome.lab.nodeVersion).toBe(NODE_VERSIONS[major]);
      else expect(outcome.error.code).toBe("ERR_WSB_LAB");
      const { lab } = JSON.parse((await cli("lab", "info", "--json")).stdout);
      const ran = await cli("lab", "run", "--", "node", "-p", "process.version");
      expect(ran.stdout.trim()).toBe(`v${String(lab.nodeVersion)}`);
    },
  );

  it("makes the lab again after an upgrade of Wine, and says so", async () => {
    const stamp = readStamp(join(folder, "lab"));
    if (stamp === undefined) throw new Error("there is no stamp");
    writeStamp(join(folder, "lab"), { ...stamp, wine: "wine-0.9" });
    const { code, stderr } = await cli("lab", "up");
    expect(code, stderr).toBe(0);
    expect(stderr).toContain("upgraded from wine-0.9");
    expect(readStamp(join(folder, "lab"))).toEqual(stamp);
  });

  it("refuses a version that the kit does not know", async () => {
    const { code } = await cli("lab", "up", "--node", "18");
    expect(code).toBe(2);
  });
});
