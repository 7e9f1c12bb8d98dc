import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseObject } from "../generator/generator.ts";
import { runProgram, type CliResult } from "../helpers/cli.ts";
import { publishKit, type PublishedKit } from "../helpers/published-kit.ts";
import { makeTestLab, type TestLab } from "../helpers/lab/test-lab.ts";

const hasWixl = spawnSync("wixl", ["--version"]).status === 0;
const restored = /PreRestore +S_OK[\s\S]*?PostRestore +S_OK/u;

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

describe.runIf(process.platform !== "win32")("the commands that the generator prints", () => {
  it.each([
    ["--service ContosoLedger --service ContosoWeb", {}],
    ["--writer declared", { declaredWriter: "registered" }],
    ["--writer service", { writerService: "registered" }],
    ["--kind application --writer service", { writerService: "registered" }],
  ])("lead to a simulated restore with %s", async (choices, registered) => {
    const cwd = mkdtempSync(join(testLab.folder, "next-"));
    const created = await run(`npm create wsb-addin@latest ledger -- --json ${choices}`, cwd);
    expect(created.code, created.stderr).toBe(0);
    const { next } = parseObject(created.stdout.slice(created.stdout.indexOf("{")));
    const commands: readonly unknown[] = Array.isArray(next) ? next : [];
    const used = await run(commands.join("\n"), cwd);
    expect(used.code, used.stdout + used.stderr).toBe(0);
    if (!choices.includes("application")) expect(used.stdout).toMatch(restored);
    const { stdout } = await run("npx wsb-addin status --json", join(cwd, "ledger"));
    expect(parseObject(stdout)).toMatchObject({ ok: true, ...registered });
    // The other projects have the same name.
    const removed = await run("npm run unregister", join(cwd, "ledger"));
    expect(removed.code, removed.stderr).toBe(0);
  });
});

it.runIf(hasWixl)(
  "the README of a project leads from its handlers to an installed MSI package, and back",
  async () => {
    const project = join(mkdtempSync(join(testLab.folder, "readme-")), "ledger");
    const flags = "--json --name Ledger";
    const created = await run(`npm create wsb-addin@latest ledger -- ${flags}`, dirname(project));
    expect(created.code, created.stderr).toBe(0);
    const text = readFileSync(join(project, "README.md"), "utf8");
    const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gmsu)].map(([, block = ""]) => block);
    const [start = "", later = "", pack = "", ...others] = blocks;
    expect(others).toEqual([]);
    mkdirSync(join(project, "copy"));
    const volume = /(npx wsb-addin simulate backup --volume C:=)<folder>/u.exec(text)?.[1] ?? "";
    const handlers = [`${volume}copy`, "npx wsb-addin generate handler beforeServicesStop"];
    for (const command of handlers.slice(1)) expect(text).toContain(command);
    const install = "npx wsb-addin lab run msiexec /i packed/*.msi /qn";
    const use = "npx wsb-addin status\nnpm run simulate";
    const remove = "npx wsb-addin lab run msiexec /x packed/*.msi /qn";
    const commands = [start, later, ...handlers, "npm run unregister", pack, install, use, remove];
    const used = await run(commands.join("\n"), project);
    expect(used.code, used.stdout + used.stderr).toBe(0);
    expect(used.stdout.match(new RegExp(restored, "gu"))).toHaveLength(2);
    expect((await run("npx wsb-addin status", project)).code).toBe(1);
  },
);
