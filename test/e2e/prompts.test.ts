import { readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Workbench } from "../generator/generator.ts";
import { KEY, hasTerminal, onTerminal, type Turn } from "../helpers/terminal.ts";

// Every question of an add-in, by a text that only it shows.
const questions = [
  "What to make",
  "Product name",
  "Folder",
  "Application identifier",
  "VSS writer",
  "Handlers",
  "Services",
  "write in C#",
  "Shim",
  "Continuous integration",
  "Package manager",
  "Install the packages",
  "git repository",
];

let bench: Workbench;
beforeAll(() => {
  bench = new Workbench();
});
afterAll(() => bench.remove());

function run(cwd: string, turns: readonly Turn[]) {
  const command = `"${process.execPath}" "${join(bench.bundle, "cli.cjs")}"`;
  return onTerminal(command, { cwd, turns });
}

describe.runIf(hasTerminal)("the prompts", () => {
  it.each(questions.map((question, index) => [question, questions.slice(0, index)] as const))(
    "end with nothing written when %j is answered by Ctrl-C",
    async (question, before) => {
      const cwd = bench.newFolder();
      const turns = before.map((text): Turn => [text, KEY.enter]);
      const { exitCode, left } = await run(cwd, [...turns, [question, KEY.interrupt]]);
      expect({ exitCode, left }).toEqual({ exitCode: 130, left: [] });
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  it("make a project when all of them are answered by Enter", async () => {
    const cwd = bench.newFolder();
    const turns = questions.map((text): Turn => [text, KEY.enter]);
    expect(await run(cwd, turns)).toMatchObject({ exitCode: 0, left: [] });
    expect(readdirSync(cwd)).toEqual(["my-add-in"]);
  });
});
