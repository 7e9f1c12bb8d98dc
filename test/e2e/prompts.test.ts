import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Workbench, filesBelow } from "../generator/generator.ts";
import { KEY, hasTerminal, onTerminal, type Turn } from "../helpers/terminal.ts";

// Every question for an add-in, identified by a unique text.
const questions = [
  "Kind of project",
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

function run(cwd: string, turns: readonly Turn[], flags = "") {
  const command = `"${process.execPath}" "${join(bench.bundle, "cli.cjs")}" ${flags}`;
  return onTerminal(command, { cwd, turns });
}

/** Reads the files below a folder, by path. */
function contentOf(folder: string): ReadonlyMap<string, string> {
  return new Map(
    filesBelow(folder).map((file) => [file, readFileSync(join(folder, file), "utf8")]),
  );
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

  it("make a project when all are answered with Enter", async () => {
    const cwd = bench.newFolder();
    const turns = questions.map((text): Turn => [text, KEY.enter]);
    expect(await run(cwd, turns)).toMatchObject({ exitCode: 0, left: [] });
    expect(readdirSync(cwd)).toEqual(["my-add-in"]);
  });

  it("create the same files as flags with the same answers", async () => {
    const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
    const ids = ["--writer-id", id, "--clsid", id, "--app-id", id];
    const asked = bench.newFolder();
    const { exitCode, left } = await run(
      asked,
      [
        ["Kind of project", KEY.enter],
        ["Product name", `Contoso Ledger${KEY.enter}`],
        ["Folder", KEY.enter],
        ["Application identifier", `Ledger${KEY.enter}`],
        ["Handlers", `${KEY.space}${KEY.enter}`],
        ["Services", `A, B${KEY.enter}`],
        ["write in C#", `${KEY.space}${KEY.enter}`],
        ["Shim", KEY.enter],
        ["Continuous integration", `${KEY.down}${KEY.enter}`],
        ["Package manager", `${KEY.down}${KEY.enter}`],
        ["Install the packages", KEY.enter],
        ["git repository", KEY.enter],
      ],
      ids.join(" "),
    );
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    const said = bench.newFolder();
    const handlers = "orderComponents,preRestore,postRestore,checkConsistency";
    const identity = ["--name", "Contoso Ledger", "--identifier", "Ledger", ...ids];
    const choices = ["--handler", handlers, "--dotnet", "orderComponents", "--ci", "azure"];
    const others = ["--service", "A", "--service", "B", "--package-manager", "pnpm"];
    await bench.create(said, [...identity, ...choices, ...others, "--yes"]);
    expect(contentOf(asked)).toEqual(contentOf(said));
  });

  it("are skipped when flags answer them", async () => {
    const cwd = bench.newFolder();
    const flags = `x --kind add-in --name X --identifier X --writer-id 0f8fad5b-d9cb-469f-a165-70867728950e
      --handler all --service A --dotnet none --shim prebuilt --ci none --package-manager npm
      --no-install --no-git`;
    const { exitCode, shown } = await run(cwd, [], flags.replaceAll("\n", " "));
    expect(exitCode).toBe(0);
    expect(shown).not.toContain("?");
    expect(readdirSync(cwd)).toEqual(["x"]);
  });
});
