import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { linkPackages, repository, runNode, scaffold } from "./generator.ts";

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
  project = (await scaffold(given, folder)).folder;
  linkPackages(project);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

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
    expect(stdout).toMatch(/Tests\s.*9 passed/u);
  });
});
