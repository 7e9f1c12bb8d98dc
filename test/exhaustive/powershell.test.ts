import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import { hasDotnet, startPowerShell } from "../helpers/lab/powershell.ts";
import { makeTestLab } from "../helpers/lab/test-lab.ts";

// Shown for skipped tests.
const onDotnet = hasDotnet ? "" : " (takes the .NET SDK 10)";

describe.skipIf(!hasDotnet)(`a program for .NET${onDotnet}`, () => {
  it("ends in the lab with its own exit code", async () => {
    const testLab = makeTestLab();
    const script = join(testLab.folder, "exit.ps1");
    writeFileSync(script, "Write-Output 'Größe'; exit 3");
    const args = ["-NoProfile", "-File", toWindowsPath(testLab.lab, script)];
    const outcome = await startPowerShell(testLab, args);
    await testLab.remove();
    expect(outcome).toMatchObject({ exitCode: 3, output: expect.stringContaining("Größe") });
  });
});
