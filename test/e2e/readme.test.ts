import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseManifest } from "../../src/runtime/manifest/parse.ts";
import { repository } from "../generator/generator.ts";
import { runProgram, type CliResult } from "../helpers/cli.ts";
import { publishKit, type PublishedKit } from "../helpers/published-kit.ts";
import { borrowTestLab, type TestLab } from "../helpers/test-lab.ts";

const readme = readFileSync(join(repository, "README.md"), "utf8");

/** The README's code blocks in a language, in their order. */
function blocks(language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gmsu");
  return [...readme.matchAll(pattern)].map(([, code = ""]) => code);
}

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
  it("leads from an empty folder to a simulated restore, every command as it stands", async () => {
    const cwd = mkdtempSync(join(testLab.folder, "reader-"));
    const [create = "", use = "", ...rest] = blocks("sh");
    // The demo has a test of its own.
    expect(rest).toEqual(["npm run demo\n"]);
    const created = await run(create, cwd);
    expect(created.code, created.stdout + created.stderr).toBe(0);

    const project = join(cwd, "contoso-ledger");
    for (const [index, handler] of blocks("ts").entries()) {
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

  it("shows a manifest that is valid", () => {
    const [manifest = ""] = blocks("json");
    expect(parseManifest(manifest, "README.md").addin).toBeDefined();
  });

  it("has no code block of another language", () => {
    const languages = [...readme.matchAll(/^```(\w+)$/gmu)].map(([, language]) => language);
    expect(new Set(languages)).toEqual(new Set(["sh", "ts", "json"]));
  });

  it("names links that lead somewhere", () => {
    const links = [...readme.matchAll(/\]\((?!https?:)([^)]+)\)/gu)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(0);
    for (const link of links) readFileSync(join(repository, link));
  });
});
