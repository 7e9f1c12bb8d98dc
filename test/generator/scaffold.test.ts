import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Workbench, repository, runNode } from "./generator.ts";

// Child processes on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let bench: Workbench;
let project: string;

beforeAll(async () => {
  bench = new Workbench();
  if (!existsSync(join(repository, "dist/index.d.ts"))) {
    throw new Error("dist/ lacks the package wsb-addin: run npm run build first.");
  }
  const cwd = bench.newFolder();
  const { exitCode, stderr } = await bench.create(cwd, ["--name", `O'Brien & <Söhne> "GmbH"`]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  project = join(cwd, "obrien-sohne-gmbh");
  linkPackages(join(project, "node_modules"));
});
afterAll(() => bench.remove());

/** Stands in for npm install: every package is this repository's own copy. */
function linkPackages(folder: string): void {
  const installed = join(repository, "node_modules");
  mkdirSync(folder);
  for (const name of readdirSync(installed)) {
    if (name.startsWith(".") || name === "wsb-addin") continue;
    symlinkSync(join(installed, name), join(folder, name), "junction");
  }
  symlinkSync(repository, join(folder, "wsb-addin"), "junction");
}

describe.concurrent("a created project with a hostile name", () => {
  it("type-checks", async () => {
    const tsc = join(project, "node_modules/typescript/bin/tsc");
    const { exitCode, stdout } = await runNode(tsc, ["--noEmit"], project);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("passes its own tests", async () => {
    const vitest = join(project, "node_modules/vitest/vitest.mjs");
    const { exitCode, stdout, stderr } = await runNode(vitest, ["run"], project);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/Tests\s.*6 passed/u);
  });
});
