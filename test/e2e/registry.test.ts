import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { filesBelow, parseObject, readObject, sources, templates } from "../generator/generator.ts";
import { runProgram, type CliResult } from "../helpers/cli.ts";
import { publishKit, type PublishedKit } from "../helpers/published-kit.ts";

let folder: string;
let kit: PublishedKit;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wsb-registry-"));
  kit = await publishKit(folder);
});
afterAll(async () => {
  await kit.registry.close();
  rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  return mkdtempSync(join(folder, "work-"));
}

function npm(args: readonly string[], cwd: string): Promise<CliResult> {
  return runProgram("npm", args, { cwd, env: kit.environment });
}

function create(cwd: string, flags: readonly string[]): Promise<CliResult> {
  return npm(["create", "wsb-addin@latest", "--", ...flags], cwd);
}

function generatorOf({ environment }: PublishedKit): string {
  const root = join(environment["npm_config_cache"] ?? "", "_npx");
  const [hash = ""] = readdirSync(root);
  return join(root, hash, "node_modules/create-wsb-addin/dist/cli.cjs");
}

describe("the published packages", () => {
  it("are both packages", () => {
    expect(kit.registry.published.map((name) => name.replace(/@[\d.]+$/u, "")).toSorted()).toEqual([
      "create-wsb-addin",
      "wsb-addin",
    ]);
  });

  it("contain the generator as one package, with its licences and every template as a plain file", async () => {
    const cwd = newFolder();
    await npm(["install", "--prefix", cwd, "create-wsb-addin"], cwd);
    const installed = Object.keys(
      parseObject(JSON.stringify(readObject(cwd, "package-lock.json")["packages"])),
    );
    expect(installed).toEqual(["", "node_modules/create-wsb-addin"]);
    const dist = join(cwd, "node_modules/create-wsb-addin/dist");
    expect(filesBelow(join(dist, "templates"))).toEqual(filesBelow(templates));
    expect(filesBelow(join(dist, "shim-source"))).toEqual(filesBelow(sources.shim));
    expect(readFileSync(join(dist, "THIRD-PARTY-LICENSES.txt"), "utf8")).toContain("node-plop");
  });
});

describe("npm create", () => {
  it("installs the packages and makes a repository, so that tests and generate work", async () => {
    const cwd = newFolder();
    const flags = ["my addin", "--yes", "--install", "--git", "--service", "ContosoLedger"];
    const created = await create(cwd, flags);
    expect(created.code, created.stderr).toBe(0);
    const project = join(cwd, "my addin");
    expect(existsSync(join(project, ".git/HEAD"))).toBe(true);
    expect(readdirSync(cwd)).toEqual(["my addin"]);
    for (const script of [["test"], ["run", "build"]]) {
      const { code, stdout, stderr } = await npm(script, project);
      expect(code, stdout + stderr).toBe(0);
    }
    const generated = await runProgram(
      "npx",
      ["wsb-addin", "generate", "check", "ledger-files", "--json"],
      { cwd: project, env: kit.environment },
    );
    expect(generated.code, generated.stderr).toBe(0);
    expect(parseObject(generated.stdout)["created"]).toContain("src/checks/ledger-files.ts");
    const tested = await npm(["test"], project);
    expect(tested.code, tested.stdout).toBe(0);
  });

  it("reports a missing network in one sentence, and leaves nothing behind", async () => {
    const cwd = newFolder();
    // The generator is available, but the packages that it would install are not.
    expect((await create(newFolder(), ["x", "--yes"])).code).toBe(0);
    const { code, stderr, stdout } = await runProgram(
      process.execPath,
      [generatorOf(kit), "a/x", "--yes", "--install"],
      {
        cwd,
        env: {
          ...kit.environment,
          npm_config_registry: "http://127.0.0.1:9/",
          npm_config_cache: newFolder(),
          npm_config_fetch_retries: "0",
        },
      },
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toMatch(
      /^npm install failed \(exit code 1: .*ECONNREFUSED.*\)\. Nothing was created\./u,
    );
    const lines = stderr.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain("docs/errors.md#err_wsb_build");
    expect(readdirSync(cwd)).toEqual([]);
  });
});
