import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Command } from "commander";
import { parse } from "yaml";

import { commandsOf } from "../../generator/choices.ts";
import { createGenerator } from "../../generator/generate.ts";
import type { Answers } from "../../generator/answers.ts";
import { createProgram } from "../../src/tools/cli/program.ts";
import { combinations } from "../generator/combinations.ts";
import {
  filesBelow,
  linkPackages,
  readObject,
  repository,
  runNode,
  scaffold,
  sources,
} from "../generator/generator.ts";
import { runProgram } from "../helpers/cli.ts";

interface Project extends Answers {
  /** Returns a project's files with tests. */
  readonly tests: readonly string[];
}

const projects: Project[] = [];
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "wsb-matrix-"));
  // One installation in a parent folder for all projects.
  linkPackages(folder);
  const generator = createGenerator(sources);
  for (const [index, { given, userAgent, parts }] of combinations.entries()) {
    const currentFolder = join(folder, `project-${index}`);
    mkdirSync(currentFolder);
    const answers = await scaffold(given, currentFolder, userAgent);
    for (const part of parts) {
      await generator.generate({ part, projectFolder: answers.folder, isDryRun: false });
    }
    const tests = filesBelow(answers.folder).filter((file) => file.endsWith(".test.ts"));
    projects.push({ ...answers, tests });
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function pathOf(project: Answers, file: string): string {
  return relative(folder, join(project.folder, file)).replaceAll(sep, "/");
}

const program = createProgram();

/** Tells whether the kit has this command with these options. */
function isCommand(line: string): boolean {
  let command: Command | undefined = program;
  for (const word of line.split(" ")) {
    if (word.startsWith("--")) {
      if (command?.options.every(({ long }) => long !== word) === true) return false;
    } else if (command !== undefined && command.commands.length > 0) {
      command = command.commands.find((one) => one.name() === word);
    }
  }
  return command !== undefined && command !== program;
}

const windres = "/usr/bin/x86_64-w64-mingw32-windres";

describe("every combination of the generator's choices", () => {
  it("type-checks with its own compiler settings", async () => {
    const [first] = projects;
    const settings = readFileSync(join(first?.folder ?? "", "tsconfig.json"), "utf8");
    for (const project of projects) {
      expect(readFileSync(join(project.folder, "tsconfig.json"), "utf8")).toBe(settings);
    }
    const { compilerOptions } = JSON.parse(settings);
    const include = projects.flatMap((project) => [
      pathOf(project, "src"),
      pathOf(project, "test"),
    ]);
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include }));
    const tsc = join(repository, "node_modules/typescript/bin/tsc");
    const { exitCode, stdout } = await runNode(tsc, ["--noEmit", "--listFiles"], folder);
    expect(exitCode, stdout).toBe(0);
    const checked = new Set(stdout.split("\n").map((line) => line.trim()));
    for (const project of projects) {
      const modules = filesBelow(project.folder).filter((file) => file.endsWith(".ts"));
      for (const file of modules) expect(checked).toContain(join(project.folder, file));
    }
  });

  it("has tests and passes them", async () => {
    const report = join(folder, "report.json");
    const vitest = join(repository, "node_modules/vitest/vitest.mjs");
    const reporter = ["--reporter=json", `--outputFile=${report}`];
    const { stderr } = await runNode(
      vitest,
      ["run", "--pool=threads", "--no-isolate", ...reporter],
      folder,
    );
    const { testResults }: { testResults: { name: string; status: string }[] } = JSON.parse(
      readFileSync(report, "utf8"),
    );
    const passed = testResults.filter(({ status }) => status === "passed");
    const expected = projects.flatMap((project) => {
      expect(project.tests.length).toBeGreaterThan(0);
      return project.tests.map((file) => pathOf(project, file));
    });
    const names = passed.map(({ name }) => relative(folder, name).replaceAll(sep, "/"));
    expect(names.toSorted(), stderr).toEqual(expected.toSorted());
  });

  it("has a valid workflow whose scripts exist", () => {
    const workflows = new Set([".github/workflows/ci.yml", "azure-pipelines.yml"]);
    let read = 0;
    let commands = 0;
    for (const project of projects) {
      const { scripts } = readObject(project.folder, "package.json");
      const { run, test } = commandsOf[project.packageManager];
      const known = Object.keys(Object(scripts)).map((name) => `${run} ${name}`);
      for (const file of filesBelow(project.folder).filter((one) => workflows.has(one))) {
        const text = readFileSync(join(project.folder, file), "utf8");
        expect(parse(text)).toHaveProperty("jobs");
        const used = text.split("\n").flatMap((line) => {
          const [, command] = /^\s*- (?:run|script): (.*)$/u.exec(line) ?? [];
          return command?.startsWith(`${run} `) === true ? [command] : [];
        });
        for (const [, line = ""] of text.matchAll(
          /(?:run|script): \S+ (?:\w+ )?wsb-addin (.*)$/gmu,
        )) {
          expect(isCommand(line), line).toBe(true);
          commands += 1;
        }
        const own = used.filter((command) => !command.startsWith(`${run} wsb-addin`));
        for (const command of own) expect([...known, test]).toContain(command);
        expect(own.length).toBeGreaterThan(0);
        read += 1;
      }
    }
    expect(read).toBeGreaterThan(20);
    expect(commands).toBeGreaterThan(20);
  });

  it.runIf(existsSync(windres))("has resources that compile and contain its name", async () => {
    const script = "resources/provider.rc";
    const having = projects.filter((project) => existsSync(join(project.folder, script)));
    expect(having.length).toBeGreaterThan(20);
    for (const { folder: cwd, name } of having) {
      const output = join(cwd, "resources/provider.o");
      const args = ["-I", "resources", script, output];
      const { code, stderr } = await runProgram(windres, args, { cwd });
      expect(code, stderr).toBe(0);
      expect(readFileSync(output).includes(Buffer.from(name, "utf16le"))).toBe(true);
    }
  });
});
