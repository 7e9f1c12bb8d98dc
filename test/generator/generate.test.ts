import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { addLastField, addOptionalPackage, listHandler } from "../../generator/edits.ts";
import { scaffoldRecordFile } from "../../generator/scaffold-record.ts";
import type { Part } from "../../src/base/generator.ts";
import { loadManifest } from "../../src/runtime/manifest/load.ts";
import { parseObject, readObject } from "./generator.ts";
import { age, contentOf, create, generate, newFolder, read, upgrade } from "./project-bed.ts";

function add(text: string) {
  return addOptionalPackage(text, "edge-js", "^26.1.0");
}

function entry(list: string): string {
  return `import { defineAddin } from "wsb-addin";\n\n${list}\n`;
}

describe("generate", () => {
  it("adds a handler with its test and lists it, and changes nothing else", async () => {
    const project = await create();
    const before = contentOf(project);
    const changes = await generate(project, { kind: "handler", name: "POSTRESTORE" });
    expect(changes.created).toEqual([
      "src/handlers/post-restore.ts",
      "test/handlers/post-restore.test.ts",
    ]);
    expect(changes.changed.map(({ path }) => path)).toEqual(["src/addin.ts"]);
    expect(changes.changed[0]?.diff).toContain("\n+  postRestore,\n");
    const after = contentOf(project);
    for (const [file, text] of before) {
      if (file !== "src/addin.ts") expect(after.get(file), file).toBe(text);
    }
    expect([...after.keys()].filter((file) => !before.has(file))).toEqual(changes.created);
    expect(after.get("src/addin.ts")).toContain('from "./handlers/post-restore.ts";');
  });

  it("only shows what it would do in a dry run", async () => {
    const project = await create();
    const before = contentOf(project);
    const changes = await generate(project, { kind: "handler", name: "postRestore" }, true);
    expect(changes.created).toHaveLength(2);
    expect(contentOf(project)).toEqual(before);
  });

  it("refuses an existing part, and changes nothing", async () => {
    const project = await create();
    const before = contentOf(project);
    await expect(generate(project, { kind: "handler", name: "preRestore" })).rejects.toMatchObject({
      code: "ERR_WSB_TARGET_EXISTS",
      collisions: ["src/handlers/pre-restore.ts", "test/handlers/pre-restore.test.ts"],
    });
    expect(contentOf(project)).toEqual(before);
  });

  it("does not change an unrecognized entry module, and says what to add", async () => {
    const project = await create();
    writeFileSync(join(project, "src/addin.ts"), "export { default } from './other.js'\n");
    const { changed, todo } = await generate(project, { kind: "handler", name: "postRestore" });
    expect(changed).toEqual([]);
    expect(todo.join()).toContain('import { postRestore } from "./handlers/post-restore.ts";');
  });

  it("adds a handler in C# with edge-js, and adapts the add-in's own test", async () => {
    const project = await create({ handlers: ["postRestore"], services: ["A"], ci: "none" });
    const { created, changed, todo } = await generate(project, {
      kind: "dotnet",
      name: "prerestore",
    });
    expect(created).toEqual([
      ".npmrc",
      "dotnet/PreRestore.cs",
      "src/handlers/pre-restore.ts",
      "test/handlers/pre-restore.test.ts",
    ]);
    expect(changed.map(({ path }) => path)).toEqual([
      "src/addin.ts",
      "package.json",
      "test/addin.test.ts",
    ]);
    expect(todo).toEqual([
      "Install the packages: npm install",
      expect.stringContaining("wsb-addin upgrade"),
    ]);
    expect(readObject(project, scaffoldRecordFile)["files"]).toHaveProperty([".npmrc"]);
    // Equals a project that was made with it.
    const given = { handlers: ["postRestore", "preRestore"], dotnet: ["preRestore"] };
    const made = await create({ ...given, services: ["A"], ci: "none" });
    for (const file of ["package.json", "test/addin.test.ts", "src/handlers/pre-restore.ts"]) {
      expect(read(project, file), file).toBe(read(made, file));
    }
    const next = await generate(project, { kind: "dotnet", name: "checkConsistency" });
    expect(next.changed.map(({ path }) => path)).toEqual(["src/addin.ts"]);
    expect(next.created).not.toContain(".npmrc");
    expect(next.todo).toEqual(["Install the packages: npm install"]);
  });

  it("says how to add a handler in C# to files that were changed", async () => {
    const project = await create({ handlers: ["postRestore"] });
    writeFileSync(join(project, "package.json"), `{"name":"x"}`);
    writeFileSync(join(project, ".npmrc"), "fund=false\n");
    writeFileSync(join(project, "test/addin.test.ts"), "own");
    const { changed, todo } = await generate(project, { kind: "dotnet", name: "preRestore" });
    expect(changed.map(({ path }) => path)).toEqual(["src/addin.ts"]);
    const text = todo.join("\n");
    for (const part of ['"edge-js": "^', ".npmrc", "test/addin.test.ts", "wsb-addin upgrade"]) {
      expect(text).toContain(part);
    }
    expect(read(project, ".npmrc")).toBe("fund=false\n");
  });

  it("reads a package.json with a byte order mark, and names one that is damaged", async () => {
    const project = await create();
    const file = join(project, "package.json");
    writeFileSync(file, `\uFEFF${read(project, "package.json")}`);
    const { created } = await generate(project, { kind: "check", name: "ledger-files" });
    expect(created).toContain("src/handlers/check-consistency.ts");
    writeFileSync(file, '{"name": "x",}');
    await expect(generate(project, { kind: "check", name: "b" })).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
      message: expect.stringMatching(/package\.json cannot be read:\n.*line 1/u),
    });
  });

  it("adds a writer in a service to an application, with its test and its scripts", async () => {
    const project = await create({ kind: "application", name: "Ledger" });
    const { created, changed, todo } = await generate(project, { kind: "writer", name: "Service" });
    expect(created).toEqual(["src/writer.ts", "test/writer.test.ts"]);
    expect(changed.map(({ path }) => path)).toEqual(["wsb-addin.json", "package.json"]);
    expect(todo.join("\n")).toMatch(/every backup of the server fails.*wsb-addin upgrade/su);
    const made = await create({ kind: "application", name: "Ledger", writer: "service" });
    for (const file of ["package.json", ...created]) {
      expect(read(project, file), file).toBe(read(made, file));
    }
    const [own, others] = [project, made].map((one) => readObject(one, "wsb-addin.json")["writer"]);
    expect(own).toEqual(others);
    expect((await upgrade(project)).changed.map(({ path }) => path)).toEqual([
      ".github/workflows/ci.yml",
    ]);
    expect(read(project, ".github/workflows/ci.yml")).toBe(read(made, ".github/workflows/ci.yml"));
  });

  it("adds a declared writer, which is only a part of the manifest", async () => {
    const project = await create({ services: ["A", "B"] });
    const before = read(project, "wsb-addin.json");
    const files = String.raw`D:\Ledger`;
    const part: Part = { kind: "writer", name: "declared", files };
    const { created, changed } = await generate(project, part);
    expect(created).toEqual([]);
    expect(changed.map(({ path }) => path)).toEqual(["wsb-addin.json"]);
    expect(read(project, "wsb-addin.json").startsWith(before.trimEnd().slice(0, -2))).toBe(true);
    expect(loadManifest(join(project, "wsb-addin.json")).writer).toMatchObject({
      kind: "declared",
      components: [{ files: [{ path: files }] }],
    });
  });

  it("says how to add a writer to files that were changed", async () => {
    const project = await create({ kind: "application" });
    const manifest = readObject(project, "wsb-addin.json");
    const external = JSON.stringify({ ...manifest, writer: { kind: "external" } });
    writeFileSync(join(project, "wsb-addin.json"), external);
    const scripts = { build: "make", register: "wsb-addin register" };
    writeFileSync(join(project, "package.json"), JSON.stringify({ scripts }, undefined, 2));
    const { changed, todo } = await generate(project, { kind: "writer", name: "service" });
    expect(changed).toEqual([]);
    const text = todo.join("\n");
    for (const part of [
      'set "writer" to: {"kind":"service"',
      "the script build to: tsc --noEmit &&",
    ]) {
      expect(text).toContain(part);
    }
    expect(read(project, "wsb-addin.json")).toBe(external);
  });

  it("makes a writer in a service of a declared one, whose files the manifest keeps", async () => {
    const project = await create({ writer: "declared", files: String.raw`D:\Ledger` });
    const manifest = read(project, "wsb-addin.json");
    const { created, todo } = await generate(project, { kind: "writer", name: "service" });
    expect(created).toContain("src/writer.ts");
    expect(todo.join()).toContain('change "kind" of writer to "service"');
    expect(read(project, "wsb-addin.json")).toBe(manifest);
  });

  it.each([
    ["a writer in a service", "service", "service"],
    ["a declared writer", "service", "declared"],
    ["a declared writer", "declared", "declared"],
  ])("refuses to add %s to a project with a writer that is %s", async (_what, has, name) => {
    const project = await create({ writer: has });
    const before = contentOf(project);
    await expect(generate(project, { kind: "writer", name })).rejects.toMatchObject({
      code: "ERR_WSB_TARGET_EXISTS",
    });
    expect(contentOf(project)).toEqual(before);
  });

  it("refuses a writer that the manifest could not have, and files that it already lists", async () => {
    const writer: Part = { kind: "writer", name: "service" };
    const unnamed = await create({ folder: "x", name: "half a pair: \ud83d" });
    await expect(generate(unnamed, writer)).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_MANIFEST",
    });
    const declared = await create({ writer: "declared" });
    const files = String.raw`D:\Ledger`;
    await expect(generate(declared, { ...writer, files })).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
      message: expect.stringContaining("Omit --files"),
    });
  });

  it("adds a check and, if missing, the handler that calls it", async () => {
    const project = await create();
    const changes = await generate(project, { kind: "check", name: "ledger-files" });
    expect(changes.created).toContain("src/handlers/check-consistency.ts");
    expect(changes.todo).toEqual([]);
    const handler = read(project, "src/handlers/check-consistency.ts");
    expect(handler).toContain('import { ledgerFiles } from "../checks/ledger-files.ts";');
    expect(read(project, "src/addin.ts")).toContain("checkConsistency,");
  });

  it("adds the call of a new check to an unchanged handler, but not to a changed one", async () => {
    const project = await create({ handlers: ["checkConsistency"] });
    const first = await generate(project, { kind: "check", name: "a" });
    expect(first.changed.map(({ path }) => path)).toEqual(["src/handlers/check-consistency.ts"]);
    const second = await generate(project, { kind: "check", name: "b" });
    expect(second.changed).toEqual([]);
    expect(second.todo.join()).toContain("src/checks/b.ts");
  });

  it("adds a workflow, and updates it from then on", async () => {
    const project = await create({ handlers: ["all"], ci: "none", packageManager: "pnpm" });
    await generate(project, { kind: "ci", name: "azure" });
    expect(read(project, "azure-pipelines.yml")).toContain("pnpm install --frozen-lockfile");
    const record = readObject(project, scaffoldRecordFile);
    expect(record["ci"]).toEqual(["azure"]);
    expect(record["files"]).toHaveProperty("azure-pipelines.yml");
  });

  it("adds a cloud backup provider with its own id", async () => {
    const project = await create({ kind: "application", name: "Ledger" });
    const { created, todo } = await generate(project, { kind: "cloud" });
    expect(created).toContain("src/cloud/status.ts");
    expect(todo.length).toBeGreaterThan(0);
    expect(readObject(project, "provider.json")).toMatchObject({
      snapinId: expect.stringMatching(/^\{[\dA-F-]{36}\}$/u),
      resourceDll: String.raw`C:\Program Files\ledger\resources.dll`,
    });
  });

  it.each<[string, Part, RegExp]>([
    ["a handler", { kind: "handler", name: "preRestroe" }, /preRestore, postRestore/u],
    ["a handler in C#", { kind: "dotnet", name: "preRestroe" }, /preRestore, postRestore/u],
    ["a name for a check", { kind: "check", name: "../x" }, /ledger-files/u],
    ["a system", { kind: "ci", name: "none" }, /github, azure/u],
    ["a kind of writer", { kind: "writer", name: "external" }, /declared, service/u],
    ["files", { kind: "writer", name: "service", files: "x" }, /must begin with a drive letter/u],
  ])("lists the valid values for %s", async (_what, part, list) => {
    const project = await create();
    await expect(generate(project, part)).rejects.toMatchObject({
      code: "ERR_WSB_INVALID_ARGUMENT",
      message: expect.stringMatching(list),
    });
  });

  it("refuses a handler without an add-in, and a folder that is not a project", async () => {
    const code = "ERR_WSB_INVALID_ARGUMENT";
    const handler: Part = { kind: "handler", name: "preRestore" };
    const project = await create({ kind: "application" });
    await expect(generate(project, handler)).rejects.toMatchObject({ code });
    const dotnet: Part = { kind: "dotnet", name: "preRestore" };
    await expect(generate(project, dotnet)).rejects.toMatchObject({ code });
    const writer: Part = { kind: "writer", name: "service" };
    await expect(generate(await create({ kind: "cloud" }), writer)).rejects.toMatchObject({ code });
    await expect(generate(newFolder(), handler)).rejects.toMatchObject({ code });
  });
});

describe("upgrade", () => {
  it("changes nothing in a new project", async () => {
    const given = ["add-in", "application", "cloud"].map((kind) => ({ kind }));
    const writers = ["declared", "service"].map((writer) => ({ kind: "application", writer }));
    for (const one of [...given, ...writers]) {
      const project = await create({ ...one, packageManager: "yarn" });
      expect(await upgrade(project)).toEqual({
        created: [],
        changed: [],
        removed: [],
        todo: [],
        ownersFiles: [],
      });
    }
  });

  it("updates the kit's files and keeps files that were changed", async () => {
    const project = await create();
    const fresh = contentOf(project);
    age(project, ".editorconfig");
    age(project, ".github/workflows/ci.yml");
    writeFileSync(join(project, "tsconfig.json"), "{}");
    rmSync(join(project, ".gitattributes"));
    writeFileSync(join(project, "src/addin.ts"), "own");
    writeFileSync(join(project, "src/writer.ts"), "own");
    const planned = await upgrade(project, true);
    expect(read(project, ".editorconfig")).toContain("# older");
    const done = await upgrade(project);
    expect(done).toEqual(planned);
    expect(done.changed.map(({ path }) => path)).toEqual([
      ".editorconfig",
      ".github/workflows/ci.yml",
    ]);
    expect(done.changed[0]?.diff).toContain("\n-# older\n");
    expect(done.ownersFiles).toEqual([".gitattributes", "tsconfig.json"]);
    expect(read(project, ".editorconfig")).toBe(fresh.get(".editorconfig"));
    expect(read(project, "tsconfig.json")).toBe("{}");
    expect(read(project, "src/addin.ts")).toBe("own");
    expect(read(project, "src/writer.ts")).toBe("own");
    expect((await upgrade(project)).changed).toEqual([]);
  });

  it("treats a file with Windows line ends as the same file", async () => {
    const project = await create();
    const file = join(project, ".editorconfig");
    writeFileSync(file, readFileSync(file, "utf8").replaceAll("\n", "\r\n"));
    expect(await upgrade(project)).toMatchObject({ changed: [], ownersFiles: [] });
  });

  it("adds a file that is new in the kit, unless the project already has one", async () => {
    const project = await create();
    const record = readObject(project, scaffoldRecordFile);
    const files = parseObject(JSON.stringify(record["files"]));
    delete files[".editorconfig"];
    writeFileSync(join(project, scaffoldRecordFile), JSON.stringify({ ...record, files }));
    writeFileSync(join(project, ".editorconfig"), "own");
    expect(await upgrade(project)).toMatchObject({ created: [], ownersFiles: [".editorconfig"] });
    rmSync(join(project, ".editorconfig"));
    expect((await upgrade(project)).created).toEqual([".editorconfig"]);
    expect(readObject(project, scaffoldRecordFile)["files"]).toHaveProperty([".editorconfig"]);
  });

  it.each([
    ["no record", undefined],
    ["a record that is not JSON", "{"],
    ["a record of something else", `{"kind":"add-in"}`],
  ])("refuses a project with %s", async (_what, text) => {
    const project = join(newFolder(), "x");
    mkdirSync(project);
    writeFileSync(join(project, "package.json"), "{}");
    if (text !== undefined) writeFileSync(join(project, scaffoldRecordFile), text);
    await expect(upgrade(project)).rejects.toMatchObject({ code: "ERR_WSB_INVALID_ARGUMENT" });
    expect(dirname(project)).not.toBe(project);
  });
});

describe("the list of handlers", () => {
  it.each([
    ["an empty list", "export default defineAddin({});", "defineAddin({\n  preRestore,\n});"],
    [
      "a list",
      "export default defineAddin({\n  postRestore,\n});",
      "defineAddin({\n  preRestore,\n  postRestore,\n});",
    ],
    [
      "a list on one line",
      "export default defineAddin({ postRestore });",
      "defineAddin({\n  preRestore, postRestore });",
    ],
  ])("is extended from %s", (_what, list, extended) => {
    const edit = listHandler(entry(list), "preRestore");
    expect(edit).toMatchObject({ kind: "edited" });
    expect(edit.kind === "edited" && edit.text).toContain(extended);
    expect(edit.kind === "edited" && edit.text).toMatch(
      /"wsb-addin";\nimport \{ preRestore \} from ".\/handlers\/pre-restore.ts";\n\n/u,
    );
  });

  it("keeps Windows line ends", () => {
    const edit = listHandler(entry("defineAddin({});").replaceAll("\n", "\r\n"), "preRestore");
    expect(edit.kind === "edited" && edit.text.replaceAll("\r\n", "")).not.toContain("\n");
  });

  it("gets an import after an import of several lines", () => {
    const source = `import {\n  defineAddin,\n} from "wsb-addin";\ndefineAddin({});\n`;
    const edit = listHandler(source, "preRestore");
    expect(edit.kind === "edited" && edit.text).toContain('} from "wsb-addin";\nimport { pre');
  });

  it("is not changed when it contains the handler, or when it is not recognized", () => {
    expect(listHandler(entry("defineAddin({ preRestore });"), "preRestore").kind).toBe("listed");
    expect(listHandler(entry("defineAddin(handlers);"), "preRestore").kind).toBe("unclear");
    expect(listHandler("", "preRestore").kind).toBe("unclear");
  });
});

describe("a last field of a manifest", () => {
  it("is added in the format of the file, and nothing else changes", () => {
    const text = '{\r\n\t"name": "x",\r\n\t"services": ["A", "B"]\r\n}\r\n';
    expect(addLastField(text, "writer", { kind: "declared" })).toBe(
      text.replace('"B"]', '"B"],\r\n\t"writer": {\r\n\t\t"kind": "declared"\r\n\t}'),
    );
    expect(addLastField('{"name":"x"}', "a", "$&")).toBe('{"name":"x",\n  "a": "$&"\n}');
  });

  it.each(["", "[]", "{}", '{"writer":1}', '{"a":1},'])("is not added to %j", (text) => {
    expect(addLastField(text, "writer", 1)).toBeUndefined();
  });
});

describe("an optional package", () => {
  it("is added to the existing ones, and nothing else changes", () => {
    const text = JSON.stringify(
      { name: "x", optionalDependencies: { a: "1" }, b: 2 },
      undefined,
      2,
    );
    const edit = add(`${text}\n`);
    expect(edit.kind === "edited" && edit.text).toBe(
      `${text.replace('"a": "1"', '"a": "1",\n    "edge-js": "^26.1.0"')}\n`,
    );
  });

  it("keeps Windows line ends", () => {
    const edit = add('{\r\n  "name": "x"\r\n}\r\n');
    expect(edit.kind === "edited" && edit.text.replaceAll("\r\n", "")).not.toContain("\n");
  });

  it.each(["dependencies", "devDependencies", "optionalDependencies"])(
    "is not added when it is in %s",
    (section) => {
      const text = JSON.stringify({ [section]: { "edge-js": "25.0.0" } }, undefined, 2);
      expect(add(`${text}\n`)).toEqual({ kind: "listed" });
    },
  );

  it.each(["", "[", "null", "7\n", "[]\n", '{"name":"x"}', '{\n    "name":"x"\n}\n'])(
    "is not changed in %j",
    (text) => {
      expect(add(text)).toEqual({ kind: "unclear" });
    },
  );
});
