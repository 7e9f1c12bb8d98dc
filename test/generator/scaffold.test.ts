import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { linkPackages, parseObject, repository, runNode, scaffold } from "./generator.ts";

// Child processes on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let folder: string;
let project: string;

beforeAll(async () => {
  if (!existsSync(join(repository, "dist/index.d.ts"))) {
    throw new Error("dist/ lacks the package wsb-addin: run npm run build first.");
  }
  folder = mkdtempSync(join(tmpdir(), "wsb-scaffold-"));
  const given = { name: `O'Brien & <Söhne> "GmbH"`, services: ["ContosoLedger", `It's "B"`] };
  const handlers = ["preRestore", "checkConsistency"];
  project = (await scaffold({ ...given, handlers }, folder)).folder;
  linkPackages(project);
  await grow(["generate", "handler", "orderComponents"]);
  await grow(["generate", "check", "ledger-files"]);
  await grow(["generate", "cloud"]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs the kit's own command in the project, as it is built. */
async function grow(command: readonly string[]): Promise<void> {
  const cli = join(project, "node_modules/wsb-addin/dist/cli/main.js");
  const { exitCode, stdout, stderr } = await runNode(cli, [...command, "--json"], project);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(parseObject(stdout)["ok"]).toBe(true);
}

describe.concurrent("a created project with a hostile name, grown", () => {
  it("type-checks", async () => {
    const tsc = join(project, "node_modules/typescript/bin/tsc");
    const { exitCode, stdout } = await runNode(tsc, ["--noEmit"], project);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("passes its own tests", async () => {
    const vitest = join(project, "node_modules/vitest/vitest.mjs");
    const { exitCode, stdout, stderr } = await runNode(vitest, ["run"], project);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/Tests\s.*13 passed/u);
  });
});
