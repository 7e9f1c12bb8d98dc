import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Workbench, filesBelow, parseObject } from "../generator/generator.ts";
import { KEY, hasTerminal, onTerminal, type Turn } from "../helpers/terminal.ts";

// Every question for an add-in, identified by a unique text: those of the default path first.
const defaultPath = ["Kind of project", "Product name", "VSS writer", "Services", "More choices"];
const behindMore = [
  "Folder",
  "Application identifier",
  "Handlers",
  "write in C#",
  "Shim",
  "Continuous integration",
  "Package manager",
  "Install the packages",
  "git repository",
];
const questions = [...defaultPath, ...behindMore];
/** The answers to the writer's question for an application without a writer. */
const holdsStill = {
  declared: `${KEY.down}${KEY.enter}`,
  service: `${KEY.down}${KEY.down}${KEY.enter}`,
};

function withoutWriter(names: readonly string[]): readonly string[] {
  return names.filter((name) => name !== "VSS writer");
}

/** Answers a question with its default, and asks for more choices. */
function accept(question: string): Turn {
  return [question, question === "More choices" ? `y${KEY.enter}` : KEY.enter];
}

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
    "end with nothing written when %j is answered by Ctrl-C, and say so",
    async (question, before) => {
      const cwd = bench.newFolder();
      const turns = [...before.map(accept), [question, KEY.interrupt] as const];
      const { exitCode, left, shown } = await run(cwd, turns);
      expect({ exitCode, left }).toEqual({ exitCode: 130, left: [] });
      expect(shown).toContain("Nothing was created.");
      expect(readdirSync(cwd)).toEqual([]);
    },
  );

  it("end with nothing written when the folder of a writer's files is answered by Ctrl-C", async () => {
    const cwd = bench.newFolder();
    const { exitCode, left } = await run(cwd, [
      ["Kind of project", KEY.enter],
      ["Product name", KEY.enter],
      ["Must the application hold still", holdsStill.service],
      ["Folder with the application's files", KEY.interrupt],
    ]);
    expect({ exitCode, left }).toEqual({ exitCode: 130, left: [] });
    expect(readdirSync(cwd)).toEqual([]);
  });

  it.each(["declared", "service"] as const)(
    "lead an application without a writer to one that is %s, with the same files as flags",
    async (writer) => {
      const [asked, said] = [bench.newFolder(), bench.newFolder()];
      const { exitCode, left } = await run(
        asked,
        [
          ["Product name", `Contoso Ledger${KEY.enter}`],
          ["Must the application hold still", holdsStill[writer]],
          [String.raw`%ProgramData%\Contoso Ledger`, KEY.enter],
          ["More choices", KEY.enter],
        ],
        "--kind application",
      );
      expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
      const manifest = readFileSync(join(asked, "contoso-ledger/wsb-addin.json"), "utf8");
      const { writerId } = parseObject(manifest);
      const choices = [
        "--kind",
        "application",
        "--writer",
        writer,
        "--writer-id",
        String(writerId),
      ];
      await bench.create(said, ["--name", "Contoso Ledger", ...choices, "--yes"]);
      expect(contentOf(asked)).toEqual(contentOf(said));
      const report = { path: String.raw`%ProgramData%\Contoso Ledger`, filespec: "*" };
      expect(parseObject(manifest)["writer"]).toMatchObject({
        kind: writer,
        components: [{ name: "Contoso Ledger", files: [report] }],
      });
    },
  );

  it("make a project after five answers", async () => {
    const cwd = bench.newFolder();
    // A sixth question would have no answer.
    const turns = defaultPath.map((text): Turn => [text, KEY.enter]);
    expect(turns).toHaveLength(5);
    expect(await run(cwd, turns)).toMatchObject({ exitCode: 0, left: [] });
    expect(readdirSync(cwd)).toEqual(["my-add-in"]);
  });

  it("make the same project when the other questions are answered with Enter", async () => {
    const ids =
      "--writer-id 0f8fad5b-d9cb-469f-a165-70867728950e --clsid 0f8fad5b-d9cb-469f-a165-70867728950e --app-id 0f8fad5b-d9cb-469f-a165-70867728950e";
    const [few, many] = [bench.newFolder(), bench.newFolder()];
    await run(
      few,
      withoutWriter(defaultPath).map((text): Turn => [text, KEY.enter]),
      ids,
    );
    const { exitCode, left } = await run(many, withoutWriter(questions).map(accept), ids);
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    expect(contentOf(many)).toEqual(contentOf(few));
  });

  it("ask for another folder when the one of the name is in use", async () => {
    const cwd = bench.newFolder();
    mkdirSync(join(cwd, "my-add-in"));
    writeFileSync(join(cwd, "my-add-in/notes.txt"), "mine");
    const { exitCode, left } = await run(cwd, [
      ["Kind of project", KEY.enter],
      ["Product name", KEY.enter],
      ["my-add-in is not empty", `other${KEY.enter}`],
      ["VSS writer", KEY.enter],
      ["Services", KEY.enter],
      ["More choices", KEY.enter],
    ]);
    expect({ exitCode, left }).toEqual({ exitCode: 0, left: [] });
    expect(readdirSync(cwd).toSorted()).toEqual(["my-add-in", "other"]);
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
        ["Services", `A, B${KEY.enter}`],
        ["More choices", `y${KEY.enter}`],
        ["Folder", KEY.enter],
        ["Application identifier", `Ledger${KEY.enter}`],
        ["Handlers", `${KEY.space}${KEY.enter}`],
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
