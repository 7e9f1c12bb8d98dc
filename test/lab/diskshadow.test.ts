import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { fromWindowsPath, toWindowsPath } from "../../src/tools/lab/paths.ts";
import { runInLab } from "../../src/tools/lab/run.ts";
import type { SimulationResult } from "../../src/tools/simulate/steps.ts";
import { labProgram } from "../helpers/lab/lab-programs.ts";
import { borrowTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

let testLab: TestLab;

beforeAll(() => {
  testLab = borrowTestLab();
});

afterAll(() => testLab.remove());

/** Makes a file in the lab, with its folder. */
function writeInLab(path: string, text: string): void {
  const file = fromWindowsPath(testLab.lab, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
}

/** Plays a backup with a stand-in for diskshadow.exe. */
async function backUp(how: string): Promise<{
  readonly result: Pick<SimulationResult, "succeeded" | "timeline">;
  readonly folder: string;
}> {
  const { lab } = testLab;
  const folder = join(testLab.folder, how.replaceAll(" ", "-"), "backup");
  mkdirSync(join(folder, ".."));
  const args = [toWindowsPath(lab, labProgram("diskshadow-backup")), "C:\\Shadow"];
  let output = "";
  const code = await runInLab(lab, lab.nodeExe, [...args, toWindowsPath(lab, folder), how], {
    onStdout: (text) => {
      output += text;
    },
    onStderr: (text) => {
      output += text;
    },
  });
  expect(code, output).toBe(0);
  return { result: JSON.parse(output), folder };
}

/** What is left of scripts that diskshadow obeys. */
function scriptsLeft(): readonly string[] {
  const folder = fromWindowsPath(testLab.lab, "C:\\ProgramData\\wsb-addin");
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => name.startsWith("shadow-"));
}

describe("a backup with a stand-in for diskshadow.exe", () => {
  it("copies the files of the shadow copy while it exists", async () => {
    writeInLab("C:\\Contoso\\2026\\books.txt", "changed after the shadow copy");
    writeInLab("C:\\Shadow\\Contoso\\2026\\books.txt", "as in the shadow copy");
    const { result, folder } = await backUp("well");
    expect(result).toMatchObject({
      succeeded: true,
      timeline: [
        { step: "diskshadow", failed: false },
        { step: "shadow copy", failed: false, detail: "1 file" },
        { step: "diskshadow ends", failed: false },
      ],
    });
    const copy = join(folder, "C", "Contoso", "2026", "books.txt");
    expect(readFileSync(copy, "utf8")).toBe("as in the shadow copy");
    expect(scriptsLeft()).toEqual([]);
  });

  it("copies nothing when there is none, and passes its words on", async () => {
    const { result, folder } = await backUp("without its command file");
    expect(result).toMatchObject({
      succeeded: false,
      timeline: [
        { step: "diskshadow", failed: true, detail: expect.stringContaining("COM call failed.") },
      ],
    });
    expect(existsSync(folder)).toBe(false);
    expect(scriptsLeft()).toEqual([]);
  });
});
