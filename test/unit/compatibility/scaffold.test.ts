import { cpSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  digestOf,
  formatScaffoldRecord,
  readScaffoldRecord,
  scaffoldRecordFile,
} from "../../../generator/scaffold-record.ts";
import { loadManifest } from "../../../src/runtime/manifest/load.ts";
import { contentOf, generate, newFolder, upgrade } from "../../generator/project-bed.ts";
import { names010, pathOf010 } from "../../helpers/files-of-0-1-0.ts";
import { APP_ID, CLSID, WRITER_ID } from "../../helpers/manifest.ts";

const identity = { clsid: CLSID, appId: APP_ID };

const records: Readonly<Record<string, object>> = {
  typescript: { kind: "add-in", ci: ["github"], packageManager: "npm", files: 5 },
  dotnet: { kind: "add-in", ci: ["azure"], packageManager: "pnpm", files: 6 },
  mixed: { kind: "add-in", ci: [], packageManager: "bun", files: 5 },
  cloud: { kind: "cloud", ci: ["github"], packageManager: "yarn", files: 6 },
  application: { kind: "application", ci: ["azure"], packageManager: "npm", files: 5 },
  grown: { kind: "add-in", ci: ["github", "azure"], packageManager: "npm", files: 7 },
  "own-shim": { kind: "add-in", ci: ["github"], packageManager: "npm", files: 100 },
};

// The fixture contains only the parts of the shim's source that identify a project.
const whole = Object.keys(records).filter((name) => name !== "own-shim");

/** Returns a copy of a scaffold that a test may change. */
function copyOf(name: string): string {
  const folder = join(newFolder(), name);
  cpSync(pathOf010("scaffolds", name), folder, { recursive: true });
  return folder;
}

describe("the scaffold record of 0.1.0", () => {
  it("has a row in the table above", () => {
    expect(names010("scaffolds")).toEqual(Object.keys(records).toSorted());
  });

  it.each(Object.entries(records))("lists the kit's files: %s", (name, expected) => {
    const { files, ...record } = readScaffoldRecord(pathOf010("scaffolds", name));
    expect({ ...record, files: files.size }).toEqual(expected);
  });

  it.each(Object.keys(records))("has the digests of the project's files: %s", (name) => {
    const folder = pathOf010("scaffolds", name);
    const present = [...readScaffoldRecord(folder).files].filter(([path]) =>
      existsSync(join(folder, path)),
    );
    expect(present.length).toBeGreaterThanOrEqual(5);
    for (const [path, digest] of present) {
      expect(digestOf(readFileSync(join(folder, path), "utf8")), path).toBe(digest);
    }
  });

  it.each(Object.keys(records))("is written in the form of 0.1.0: %s", (name) => {
    const folder = pathOf010("scaffolds", name);
    const text = readFileSync(join(folder, scaffoldRecordFile), "utf8");
    expect(formatScaffoldRecord(readScaffoldRecord(folder))).toBe(text);
  });
});

describe("the manifest of a project of 0.1.0", () => {
  it.each([
    [
      "typescript",
      { name: "Contoso Ledger", addin: identity, services: ["Ledger", "LedgerStore"] },
    ],
    ["dotnet", { name: "Contoso Ledger", addin: identity, services: ["Ledger"] }],
    ["mixed", { name: "Contoso Ledger", addin: identity, services: ["Ledger"] }],
    ["grown", { name: "Contoso Ledger", addin: identity, services: ["Ledger"] }],
    ["own-shim", { name: "Contoso Ledger", addin: identity, services: [] }],
    ["application", { name: "Contoso Archive", services: [] }],
  ])("is valid: %s", (name, expected) => {
    const manifest = loadManifest(pathOf010("scaffolds", name, "wsb-addin.json"));
    expect(manifest).toMatchObject({ ...expected, writerId: WRITER_ID });
    expect("addin" in expected).toBe(manifest.addin !== undefined);
  });
});

describe("upgrade of a project of 0.1.0", () => {
  it.each(whole)("recognizes every file of the kit as unchanged: %s", async (name) => {
    const project = copyOf(name);
    const before = contentOf(project);
    const { changed, removed, ownersFiles } = await upgrade(project, true);
    expect(contentOf(project)).toEqual(before);
    expect([removed, ownersFiles]).toEqual([[], []]);
    const { files } = readScaffoldRecord(project);
    expect(changed.filter(({ path }) => !files.has(path))).toEqual([]);
    await upgrade(project);
    expect(await upgrade(project)).toMatchObject({ created: [], changed: [], removed: [] });
  });

  it("adapts the kit's files to a handler in C# that was added later", async () => {
    const { changed } = await upgrade(copyOf("grown"), true);
    const paths = changed.map(({ path }) => path);
    expect(paths).toEqual(expect.arrayContaining([".editorconfig", ".github/workflows/ci.yml"]));
  });

  it("does not change an incomplete shim source", async () => {
    const { created, changed, removed, ownersFiles } = await upgrade(copyOf("own-shim"), true);
    const touched = [...created, ...changed.map(({ path }) => path), ...removed];
    expect(touched.filter((path) => path.startsWith("native/"))).toEqual([]);
    expect(ownersFiles).toContain("native/CMakeLists.txt");
  });
});

describe("generate in a project of 0.1.0", () => {
  it.each([
    [
      "typescript",
      { kind: "check", name: "ledger-files" } as const,
      ["src/checks/ledger-files.ts", "test/checks/ledger-files.test.ts"],
      ["src/handlers/check-consistency.ts"],
    ],
    [
      "mixed",
      { kind: "handler", name: "orderComponents" } as const,
      ["src/handlers/order-components.ts", "test/handlers/order-components.test.ts"],
      ["src/addin.ts"],
    ],
    [
      "grown",
      { kind: "dotnet", name: "isRollForwardSupported" } as const,
      [
        "dotnet/IsRollForwardSupported.cs",
        "src/handlers/is-roll-forward-supported.ts",
        "test/handlers/is-roll-forward-supported.test.ts",
      ],
      ["src/addin.ts"],
    ],
    [
      "own-shim",
      { kind: "dotnet", name: "postRestore" } as const,
      [
        ".npmrc",
        "dotnet/PostRestore.cs",
        "src/handlers/post-restore.ts",
        "test/handlers/post-restore.test.ts",
      ],
      // Its test of 0.1.0 is no longer what a scaffold has, so its owner changes it.
      ["src/addin.ts", "package.json"],
    ],
    ["dotnet", { kind: "ci", name: "github" } as const, [".github/workflows/ci.yml"], []],
    ["cloud", { kind: "ci", name: "azure" } as const, ["azure-pipelines.yml"], []],
    ["application", { kind: "ci", name: "github" } as const, [".github/workflows/ci.yml"], []],
  ])(
    "creates and changes the files of the part, as a dry run: %s",
    async (name, part, created, changed) => {
      const project = copyOf(name);
      const before = contentOf(project);
      const changes = await generate(project, part, true);
      expect(changes.created).toEqual(created);
      expect(changes.changed.map(({ path }) => path)).toEqual(changed);
      expect(contentOf(project)).toEqual(before);
    },
  );
});
