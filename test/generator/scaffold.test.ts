import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { GivenAnswers } from "../../generator/answers.ts";
import { handlers as allHandlers } from "../../generator/choices.ts";
import { codeBlocks } from "../helpers/documents.ts";
import { linkPackages, parseObject, repository, runNode, scaffold } from "./generator.ts";

// Allows for child processes on a busy machine.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const name = `O'Brien & <Söhne> "GmbH"`;
// One of each kind; npm run test:exhaustive makes all pairs of the generator's choices.
const projects: readonly GivenAnswers[] = [
  { folder: "application", kind: "application" },
  { folder: "cloud provider", kind: "cloud" },
  { folder: "writer", kind: "application", writer: "service" },
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
  await runKit(["generate", "check", "ledger-files", "--project", "add-in"]);
  await runKit(["generate", "writer", "--project", "add-in"]);
  followComments();
  await createReplaced();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runTests(cwd: string) {
  const vitest = join(repository, "node_modules/vitest/vitest.mjs");
  return runNode(vitest, ["run", "--pool=threads", "--no-isolate"], resolve(folder, cwd));
}

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

/** Runs the built command of the kit. */
async function runKit(command: readonly string[]): Promise<void> {
  const cli = join(repository, "dist/cli/main.js");
  const args = [...command, "--json"];
  const { exitCode, stdout, stderr } = await runNode(cli, args, folder);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(parseObject(stdout)["ok"]).toBe(true);
}

function edit(file: string, from: string, to: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  expect(text).toContain(from);
  writeFileSync(
    path,
    text.replace(from, () => to),
  );
}

/** Follows the comments of the generated files, in which code is to be written. */
function followComments(): void {
  const handler = "add-in/src/handlers/check-consistency.ts";
  edit(handler, "  // if (request.componentName", "  if (request.componentName");
  const check = codeInComment(
    "handlers/check-consistency/src/handlers/check-consistency.ts",
    /is a check too:\n \*\n(.*?)\n \*\n/su,
  );
  writeFileSync(
    join(folder, "add-in/src/followed.ts"),
    `import type { CheckConsistencyHandler } from "wsb-addin";\nexport const followed: CheckConsistencyHandler = ${check};\n`,
  );
  const call = codeInComment("writer/src/writer.ts", /can be a program too:\n \*\n(.*?)\n \*\//su);
  const writer = readFileSync(join(folder, "add-in/src/writer.ts"), "utf8");
  const [request = ""] = / {2}const url = .*?answered.*?\n/su.exec(writer) ?? [];
  edit("add-in/src/writer.ts", request, `  ${call}\n`);
  edit("add-in/src/writer.ts", 'const APPLICATION = "http://127.0.0.1:8080/";\n', "");
}

/** Returns the code in the comment of a template. */
function codeInComment(template: string, pattern: RegExp): string {
  const sample = readFileSync(join(repository, "templates", template), "utf8");
  const [, lines = ""] = pattern.exec(sample) ?? [];
  const code = lines.replaceAll(/^ \* {3}/gmu, "");
  expect(code).toContain("context.run");
  return code;
}

/** A project whose sample handlers are replaced by those of the documents. */
async function createReplaced(): Promise<void> {
  const given = { folder: "replaced", name: "Replaced", handlers: ["all"], writer: "service" };
  await scaffold(given, folder);
  const [writer = ""] = codeBlocks("docs/freeze.md", "ts");
  const ledger = `{
  hold: async () => void (await fetch("http://localhost:8080/hold")),
  release: async () => void (await fetch("http://localhost:8080/release")),
}`;
  writeFileSync(
    join(folder, "replaced/src/writer.ts"),
    `${writer}\nexport default ledgerWriter(${ledger});\n`,
  );
  const [ask = "", metadata = ""] = codeBlocks("README.md", "ts");
  const [abandoned = ""] = codeBlocks("docs/handlers.md", "ts");
  const [consistency = ""] = codeBlocks("docs/consistency.md", "ts");
  const handlers = {
    "pre-restore": ask,
    "post-restore": metadata
      .replaceAll("PreRestoreHandler", "PostRestoreHandler")
      .replace("const preRestore", "const postRestore"),
    "restore-abandoned": abandoned,
    "check-consistency": consistency,
  };
  for (const [file, text] of Object.entries(handlers)) {
    writeFileSync(join(folder, `replaced/src/handlers/${file}.ts`), text);
  }
}

describe.concurrent("created projects, one of each kind", () => {
  it("type-check", async () => {
    const { compilerOptions } = parseObject(
      readFileSync(join(folder, "add-in/tsconfig.json"), "utf8"),
    );
    const folders = [...projects.map((one) => one.folder), "add-in", "replaced"];
    const include = folders.flatMap((one) => [`${one}/src`, `${one}/test`]);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    const { exitCode, stdout } = await runNode(tsc, ["--noEmit"], folder);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
  });

  it("pass their own tests, also with other handlers than the samples", async () => {
    const { exitCode, stdout, stderr } = await runTests(".");
    expect({ exitCode, stderr }, stdout).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toMatch(/Test Files\s.*19 passed/u);
  });

  it("build a writer in a service", async () => {
    await runKit(["build", "--manifest", "writer/wsb-addin.json"]);
    expect(readdirSync(join(folder, "writer/dist"))).toContain("writer.js");
    await runKit(["build", "--manifest", "add-in/wsb-addin.json"]);
    expect(readdirSync(join(folder, "add-in/dist"))).toEqual(
      expect.arrayContaining(["server.js", "writer.js"]),
    );
  });

  it("have tests that show why a handler failed", async () => {
    const failing = mkdtempSync(join(tmpdir(), "wsb-failing-"));
    onTestFinished(() => rmSync(failing, { recursive: true, force: true }));
    linkPackages(failing);
    const { folder: project } = await scaffold(
      { folder: "x", handlers: ["all"], writer: "service" },
      failing,
    );
    const failingWriter = ["freeze", "thaw"]
      .map((one) => `${one}() { throw new Error("${one} lacks a ledger"); },`)
      .join("\n");
    writeFileSync(
      join(project, "src/writer.ts"),
      `import { defineWriter } from "wsb-addin";\nexport default defineWriter({\n${failingWriter}\n});\n`,
    );
    for (const file of readdirSync(join(project, "src/handlers"))) {
      const path = join(project, "src/handlers", file);
      const text = readFileSync(path, "utf8");
      const handler = /export const (\w+)/u.exec(text)?.[1] ?? "";
      const failure = `{ throw new Error("${handler} lacks a ledger"); }`;
      writeFileSync(path, text.replace(/ = \(.*/su, ` = () => ${failure};\n`));
    }
    const { exitCode, stdout, stderr } = await runTests(project);
    expect(exitCode).toBe(1);
    // The two others are called only for services.
    const called = allHandlers.filter((one) => !one.includes("Services"));
    for (const one of [...called, "freeze", "thaw"])
      expect(stdout + stderr).toContain(`${one} lacks a ledger`);
  });
});
