import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { guardianCheck } from "../../../../../src/tools/doctor/checks/guardian.ts";
import { addinWith, machineWith, make } from "../../../../helpers/doctor-bed.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-addin-guardian-"));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function found(script: string, nodeExe: string = process.execPath) {
  const serverScript = join(folder, "server.js");
  writeFileSync(serverScript, script);
  return make(guardianCheck, machineWith(), addinWith({ installation: { nodeExe, serverScript } }));
}

describe("a guardian", () => {
  it("can start if its script is whole, which does not run", async () => {
    expect(await found("process.exit(3);")).toMatchObject({ verdict: "ok" });
  });

  it("cannot start with a damaged script", async () => {
    const finding = await found("function (");
    expect(finding.verdict).toBe("fail");
    expect(finding.found).toContain("SyntaxError");
  });

  it("cannot start without its program", async () => {
    expect(await found("", join(folder, "node.exe"))).toMatchObject({ verdict: "fail" });
  });
});
