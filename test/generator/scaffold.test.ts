import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { GivenAnswers } from "../../generator/answers.ts";
import { linkPackages, parseObject, repository, runNode, scaffold } from "./generator.ts";

// Allows for child processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const name = `O'Brien & <Söhne> "GmbH"`;
// One of each kind; npm run test:exhaustive makes all pairs of the generator's choices.
const projects: readonly GivenAnswers[] = [
  { folder: "application", kind: "application" },
  { folder: "cloud provider", kind: "cloud" },
];

let folder: string;

beforeAll(async () => {
  if (!existsSync(join(repository, "dist/index.d.ts"))) {
    throw new Error("dist/ lacks the package wsb-addin: run npm run build first.");
  }
  folder = mkdtempSync(join(tmpdir(), "wsb-scaffold-"));
  linkPackages(folder);
  for (const given of projects) await scaffold(given, folder);
  await create();
  await runKit(["generate", "check", "ledger-files"]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Makes the add-in's project with the built generator. */
async function create(): Promise<void> {
  const cli = join(repository, "generator/dist/cli.cjs");
  const services = ["--service", "ContosoLedger", "--service", `It's "B"`];
  const choices = ["--dir", "add-in", "--handler", "preRestore,checkConsistency", ...services];
  const args = ["--yes", "--json", "--name", name, ...choices];
  const { exitCode, stderr } = await runNode(cli, args, folder);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const { name: written } = parseObject(
    readFileSync(join(folder, "add-in/wsb-addin.json"), "utf8"),
  );
  expect(written).toBe(name);
}

/** Runs the built command of the kit in the add-in's project. */
async function runKit(command: readonly string[]): Promise<void> {
  const cli = join(repository, "dist/cli/main.js");
  const args = [...command, "--project", "add-in", "--json"];
  const { exitCode, stdout, stderr } = await runNode(cli, args, folder);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(parseObject(stdout)["ok"]).toBe(true);
}

describe.concurrent("created projects, one of each kind", () => {
  it("type-check", async () => {
    const { compilerOptions } = parseObject(
      readFileSync(join(folder, "add-in/tsconfig.json"), "utf8"),
    );
    const include = projects.flatMap(({ folder: one }) => [`${one}/src`, `${one}/test`]);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    const { exitCode, stdout } = await runNode(tsc, ["--noEmit"], folder);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("pass their own tests", async () => {
    const vitest = join(repository, "node_modules/vitest/vitest.mjs");
    const args = ["run", "--pool=threads", "--no-isolate"];
    const { exitCode, stdout, stderr } = await runNode(vitest, args, folder);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/Test Files\s.*6 passed/u);
  });
});
