import { mkdtempSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { parseObject } from "../generator/generator.ts";
import { runProgram, type CliResult } from "../helpers/cli.ts";
import { publishKit, type PublishedKit } from "../helpers/published-kit.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

let testLab: TestLab;
let kit: PublishedKit;

beforeAll(async () => {
  testLab = makeTestLab();
  kit = await publishKit(testLab.folder);
});

afterAll(async () => {
  await kit.registry.close();
  await testLab.remove();
});

function run(script: string, cwd: string): Promise<CliResult> {
  return runProgram("bash", ["-euo", "pipefail", "-c", script], {
    cwd,
    env: { ...kit.environment, WSB_ADDIN_LAB: testLab.labFolder },
  });
}

it.runIf(process.platform !== "win32")(
  "the commands that the generator prints lead to a simulated restore, with the services of the project",
  async () => {
    const cwd = mkdtempSync(join(testLab.folder, "next-"));
    const flags = "--json --service ContosoLedger --service ContosoWeb";
    const created = await run(`npm create wsb-addin@latest ledger -- ${flags}`, cwd);
    expect(created.code, created.stderr).toBe(0);
    const { next } = parseObject(created.stdout.slice(created.stdout.indexOf("{")));
    const commands: readonly unknown[] = Array.isArray(next) ? next : [];
    const used = await run(commands.join("\n"), cwd);
    expect(used.code, used.stdout + used.stderr).toBe(0);
    expect(used.stdout).toMatch(/PreRestore +S_OK[\s\S]*PostRestore +S_OK/u);
  },
);
