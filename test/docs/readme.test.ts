import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseManifest } from "../../src/manifest/parse.ts";
import { repository } from "../generator/generator.ts";
import { runProgram, type CliResult } from "../helpers/cli.ts";
import {
  startRegistry,
  type LoopbackRegistry,
  type PackedPackage,
} from "../helpers/loopback-registry.ts";
import { makeTestLab, type TestLab } from "../helpers/test-lab.ts";

const readme = readFileSync(join(repository, "README.md"), "utf8");

/** The README's code blocks in a language, in their order. */
function blocks(language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gmsu");
  return [...readme.matchAll(pattern)].map(([, code = ""]) => code);
}

let testLab: TestLab;
let registry: LoopbackRegistry;
let environment: NodeJS.ProcessEnv;

function run(script: string, cwd: string): Promise<CliResult> {
  return runProgram("bash", ["-euo", "pipefail", "-c", script], { cwd, env: environment });
}

async function pack(folder: string): Promise<PackedPackage> {
  const args = ["pack", "--ignore-scripts", "--json", "--pack-destination", testLab.folder];
  const { code, stdout, stderr } = await runProgram("npm", args, { cwd: folder });
  expect(code, stderr).toBe(0);
  const [packed]: { name: string; version: string; filename: string }[] = JSON.parse(stdout);
  if (packed === undefined) throw new Error("npm packed nothing");
  const { name, version, filename } = packed;
  const manifest: Record<string, unknown> = JSON.parse(
    readFileSync(join(folder, "package.json"), "utf8"),
  );
  return { name, version, manifest, tarball: join(testLab.folder, filename) };
}

async function configuredRegistry(): Promise<string> {
  const { stdout } = await runProgram("npm", ["config", "get", "registry"], { cwd: repository });
  return stdout.trim();
}

beforeAll(async () => {
  testLab = makeTestLab();
  const [kit, generator, upstream] = await Promise.all([
    pack(repository),
    pack(join(repository, "generator")),
    configuredRegistry(),
  ]);
  registry = await startRegistry([kit, generator], upstream);
  const userConfig = join(testLab.folder, "npmrc");
  writeFileSync(userConfig, "");
  environment = {
    WSB_ADDIN_LAB: testLab.labFolder,
    npm_config_registry: registry.url,
    npm_config_userconfig: userConfig,
    npm_config_yes: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_update_notifier: "false",
    npm_config_prefer_offline: "true",
  };
});

afterAll(async () => {
  await registry.close();
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
    const typed = await run("npx tsc --noEmit", project);
    expect(typed.code, typed.stdout + typed.stderr).toBe(0);

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
