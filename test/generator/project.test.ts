import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import rootPackage from "../../package.json" with { type: "json" };
import type { GivenAnswers } from "../../generator/answers.ts";
import { filesOf, layersOf } from "../../generator/project-files.ts";
import { scaffoldRecordFile } from "../../generator/scaffold-record.ts";
import { parseManifest } from "../../src/runtime/manifest/parse.ts";
import { buildPackages, readOwnShim } from "../../src/tools/build/own-shim.ts";
import { filesBelow, parseObject, readObject, scaffold, sources } from "./generator.ts";

const canonicalGuid = /^\{[\dA-F]{8}(?:-[\dA-F]{4}){3}-[\dA-F]{12}\}$/u;
const writerId = "{CE4EF7DC-18CE-4A11-B4C9-D7A668637D1B}";

// The first test loads Plop, which has many files.
vi.setConfig({ testTimeout: 30_000 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-project-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function create(given: GivenAnswers): Promise<string> {
  const answers = await scaffold(given, mkdtempSync(join(folder, "work-")));
  return answers.folder;
}

function read(...path: readonly string[]): string {
  return readFileSync(join(...path), "utf8");
}

describe("a project", () => {
  it("has the files of its choices, with plain files unchanged", async () => {
    const given: GivenAnswers = {
      name: "Ledger",
      kind: "cloud",
      ci: "azure",
      packageManager: "yarn",
    };
    const project = await scaffold(given, mkdtempSync(join(folder, "work-")));
    const files = filesOf(sources, layersOf(project));
    expect(filesBelow(project.folder)).toEqual(
      [scaffoldRecordFile, ...files.map(({ path }) => path)].toSorted(),
    );
    const plain = files.filter(({ template }) => !template.endsWith(".hbs"));
    expect(plain.length).toBeGreaterThan(3);
    for (const { path, template } of plain) {
      expect(readFileSync(join(project.folder, path))).toEqual(readFileSync(template));
    }
  });

  it("has every answer in its manifest", async () => {
    const project = await create({
      name: "Contoso Ledger",
      identifier: "Ledger",
      writerId,
      services: ["ContosoLedger", `It's "B"`],
    });
    expect(readObject(project, "wsb-addin.json")).toEqual({
      $schema: "./node_modules/wsb-addin/manifest.schema.json",
      name: "Contoso Ledger",
      writerId,
      applicationIdentifier: "Ledger",
      clsid: expect.stringMatching(canonicalGuid),
      appId: expect.stringMatching(canonicalGuid),
      services: ["ContosoLedger", `It's "B"`],
      timeoutsMs: { preRestore: 900_000, postRestore: 900_000 },
    });
  });

  it.each(["add-in", "application"])("of kind %s has its writer in its manifest", async (kind) => {
    const files = String.raw`D:\Ledger`;
    const name = String.raw`C:\Ledger`;
    for (const writer of ["declared", "service"]) {
      const project = await create({ kind, name, writer, files });
      const component = { name: "C Ledger", caption: name };
      expect(parseManifest(read(project, "wsb-addin.json"), "wsb-addin.json").writer).toMatchObject(
        {
          kind: writer,
          components: [{ ...component, files: [{ path: files, filespec: "*", recursive: true }] }],
        },
      );
      expect(existsSync(join(project, "src/writer.ts"))).toBe(writer === "service");
    }
  });

  it("without an add-in builds a writer in a service, and says so in its README", async () => {
    const project = await create({ kind: "application", writer: "service" });
    expect(readObject(project, "package.json")["scripts"]).toMatchObject({
      build: "tsc --noEmit && wsb-addin build",
      register: "npm run build && wsb-addin register",
    });
    expect(read(project, "README.md")).toContain("npm run register -- --allow-writable-folder");
    const declared = await create({ kind: "application", writer: "declared" });
    expect(readObject(declared, "package.json")["scripts"]).toMatchObject({
      build: "tsc --noEmit",
      register: "wsb-addin register",
    });
  });

  it.each([
    [`O'Brien & <Söhne> "GmbH"`, "obrien-sohne-gmbh"],
    ["🗄  備份", "my-add-in"],
    ["con", "con-addin"],
    ["../x", "x"],
    [String.raw`C:\Ledger\ `.trimEnd(), "c-ledger"],
    ["$(id) `id` %PATH% ${x} #*_ ${{ github.token }}", "id-id-path-x-github-token"],
    ["x".repeat(256), "x".repeat(64)],
  ])("can be named %s", async (name, packageName) => {
    for (const kind of ["add-in", "application", "cloud"]) {
      const project = await create({ name, kind });
      expect(basename(project)).toBe(packageName);
      expect(readObject(project, "package.json")["name"]).toBe(packageName);
      for (const file of filesBelow(project)) {
        const text = read(project, file).replaceAll(name, "");
        expect(text, file).not.toMatch(/(?<!\$)\{\{|&(?:amp|lt|quot|#)/u);
      }
      if (kind === "cloud") continue;
      const manifest = parseManifest(read(project, "wsb-addin.json"), "wsb-addin.json");
      expect(manifest).toMatchObject({ name, applicationIdentifier: name });
    }
  });

  it("keeps a name that looks like a template, and Markdown shows it as text", async () => {
    const project = await create({ folder: "x", name: "{{clsid}} <b> [a](b)" });
    expect(readObject(project, "wsb-addin.json")["name"]).toBe("{{clsid}} <b> [a](b)");
    const [heading] = read(project, "README.md").split("\n");
    expect(heading).toBe(String.raw`# {{clsid}} \<b\> \[a\](b)`);
  });

  it("has its name as a string of a resource script", async () => {
    const project = await create({ folder: "x", kind: "cloud", name: String.raw`A "B" C:\new` });
    expect(read(project, "resources/provider.rc")).toContain(String.raw`    101 "A ""B"" C:\\new"`);
  });

  it("has a file, a test and a line for each chosen handler", async () => {
    const project = await create({ handlers: ["postRestore", "preRestore"] });
    const handlers = filesBelow(join(project, "src/handlers"));
    expect(handlers).toEqual(["post-restore.ts", "pre-restore.ts"]);
    expect(filesBelow(join(project, "test/handlers"))).toEqual([
      "post-restore.test.ts",
      "pre-restore.test.ts",
    ]);
    expect(read(project, "src/addin.ts")).toContain("({\n  preRestore,\n  postRestore,\n});");
    expect(read(project, "README.md")).not.toContain("checkConsistency");
  });

  it("has a handler in C# as the class that its file names, and edge-js without its install step", async () => {
    const given = { handlers: ["preRestore", "postRestore"], dotnet: ["preRestore"] };
    const project = await create({ ...given, packageManager: "yarn" });
    expect(filesBelow(join(project, "dotnet"))).toEqual(["PreRestore.cs"]);
    expect(read(project, "dotnet/PreRestore.cs")).toContain("public class PreRestore\n");
    expect(read(project, "src/handlers/pre-restore.ts")).toContain(
      'source: "dotnet/PreRestore.cs"',
    );
    expect(read(project, "src/handlers/post-restore.ts")).not.toContain("dotnet");
    const edge = { "edge-js": rootPackage.peerDependencies["edge-js"] };
    expect(readObject(project, "package.json")["optionalDependencies"]).toEqual(edge);
    expect(read(project, ".npmrc")).toMatch(/^ignore-scripts=true$/mu);
    expect(read(project, ".yarnrc.yml")).toMatch(/^enableScripts: false$/mu);
    expect(read(project, "README.md")).toContain("### In C#");
    const plain = await create({ packageManager: "yarn" });
    expect(readObject(plain, "package.json")["optionalDependencies"]).toBeUndefined();
    expect(filesBelow(plain)).not.toContain(".npmrc");
    expect(read(plain, ".yarnrc.yml")).not.toContain("enableScripts");
  });

  it("has the source of its own shim, the build tools, and the matching version of the kit", async () => {
    const project = await create({ shim: "source" });
    const native = filesBelow(sources.shim).map((file) => `native/${file}`);
    expect(native).toContain("native/CMakeLists.txt");
    expect(filesBelow(project)).toEqual(expect.arrayContaining(native));
    expect(read(project, "native/.gitignore")).toBe("build/\n");
    expect(readOwnShim(project)?.version).toBe(rootPackage.version);
    const { scripts, devDependencies } = readObject(project, "package.json");
    expect(scripts).toMatchObject({
      build: "tsc --noEmit && npm run build:shim && wsb-addin build",
      "build:shim": "wsb-addin shim build",
    });
    const packages = Object.entries(Object(devDependencies)).map((one) => one.join("@"));
    expect(packages).toEqual(
      expect.arrayContaining([`wsb-addin@${rootPackage.version}`, ...buildPackages()]),
    );
    expect(read(project, ".github/workflows/ci.yml")).toContain("mingw");
    expect(read(project, "README.md")).toContain("## Shim");
    const prebuilt = await create({});
    expect(filesBelow(prebuilt).filter((file) => file.startsWith("native/"))).toEqual([]);
    expect(read(prebuilt, "package.json")).not.toMatch(/cmake|shim/u);
    expect(read(prebuilt, ".github/workflows/ci.yml")).not.toMatch(/mingw|shim/u);
  });

  it("without an add-in has neither handlers nor a class", async () => {
    const project = await create({ kind: "application", name: "Ledger", writerId });
    expect(filesBelow(project).filter((file) => file.startsWith("src/"))).toEqual([]);
    expect(readObject(project, "wsb-addin.json")).toEqual({
      $schema: "./node_modules/wsb-addin/manifest.schema.json",
      name: "Ledger",
      writerId,
      applicationIdentifier: "Ledger",
    });
  });

  it("begins its README with three commands, each a script or a command of the package manager", async () => {
    for (const packageManager of ["npm", "pnpm", "yarn", "bun"]) {
      for (const kind of packageManager === "npm"
        ? ["add-in", "application", "cloud"]
        : ["add-in"]) {
        const project = await create({ kind, packageManager });
        const [, block = ""] = /^```sh\n(.*?)^```$/msu.exec(read(project, "README.md")) ?? [];
        const [install, ...scripts] = block.trimEnd().split("\n");
        expect(install).toBe(`${packageManager} install`);
        expect(scripts).toHaveLength(2);
        const known = Object.keys(
          parseObject(JSON.stringify(readObject(project, "package.json")["scripts"])),
        );
        for (const script of scripts) expect(known).toContain(script.split(" ").at(-1));
      }
    }
  });

  it("names the package manager's version for Corepack when it is known", async () => {
    const currentFolder = mkdtempSync(join(folder, "work-"));
    const given = { folder: "x" };
    await scaffold(given, currentFolder, "pnpm/9.15.0 npm/? node/v20.19.0 linux x64");
    expect(readObject(currentFolder, "x", "package.json")["packageManager"]).toBe("pnpm@9.15.0");
  });
});
