import { mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runProgram, type CliResult } from "../helpers/cli.ts";
import { codeBlocks } from "../helpers/documents.ts";
import { publishKit, type PublishedKit } from "../helpers/published-kit.ts";
import { borrowTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

let testLab: TestLab;
let kit: PublishedKit;

function run(script: string, cwd: string): Promise<CliResult> {
  return runProgram("bash", ["-euo", "pipefail", "-c", script], {
    cwd,
    env: { ...kit.environment, WSB_ADDIN_LAB: testLab.labFolder },
  });
}

beforeAll(async () => {
  testLab = borrowTestLab();
  kit = await publishKit(testLab.folder);
});

afterAll(async () => {
  await kit.registry.close();
  await testLab.remove();
});

describe("README.md", () => {
  it("leads from an empty folder to a simulated restore, with every command unchanged", async () => {
    const cwd = mkdtempSync(join(testLab.folder, "reader-"));
    const [create = "", use = "", ...rest] = codeBlocks("README.md", "sh");
    // The demo has its own test.
    expect(rest).toEqual(["npm run demo\n"]);
    const created = await run(create, cwd);
    expect(created.code, created.stdout + created.stderr).toBe(0);

    const project = join(cwd, "contoso-ledger");
    for (const [index, handler] of codeBlocks("README.md", "ts").entries()) {
      writeFileSync(join(project, `src/handlers/from-readme-${index}.ts`), handler);
    }
    const [typed, tested] = await Promise.all([
      run("npx tsc --noEmit", project),
      run("npm test", project),
    ]);
    expect(typed.code, typed.stdout + typed.stderr).toBe(0);
    expect(tested.code, tested.stdout + tested.stderr).toBe(0);

    const used = await run(use, project);
    expect(used.code, used.stdout + used.stderr).toBe(0);
    expect(used.stdout).toContain("PostRestore             S_OK  Contoso Ledger");
  });
});
