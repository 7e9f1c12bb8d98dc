// Separate from the other tests of upgrade because it is slow: a shim's source has a hundred files.
import { cpSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { sources } from "../generator/generator.ts";
import { age, contentOf, create, generate, read, upgrade } from "../generator/project-bed.ts";

describe("upgrade", () => {
  it("changes nothing in a project with C# and the source of a shim, new or extended", async () => {
    const choices = { packageManager: "yarn", shim: "source" };
    const made = await create({ ...choices, handlers: ["preRestore"], dotnet: ["all"] });
    const nothing = { created: [], changed: [], removed: [], ownersFiles: [] };
    expect(await upgrade(made)).toMatchObject(nothing);
    const grown = await create({ ...choices, handlers: ["postRestore"] });
    await generate(grown, { kind: "dotnet", name: "preRestore" });
    expect((await upgrade(grown)).changed.map(({ path }) => path)).toEqual([
      ".editorconfig",
      ".github/workflows/ci.yml",
      ".yarnrc.yml",
    ]);
    expect(await upgrade(grown)).toMatchObject(nothing);
  });

  it("replaces the shim's source as a whole", async () => {
    const project = await create({ shim: "source" });
    const fresh = contentOf(project);
    age(project, "native/src/addon.cpp");
    // A file that a later shim no longer has.
    writeFileSync(join(project, "native/src/gone.cpp"), "");
    age(project, "native/src/gone.cpp");
    const planned = await upgrade(project, true);
    expect(existsSync(join(project, "native/src/gone.cpp"))).toBe(true);
    expect(await upgrade(project)).toEqual(planned);
    expect(planned.changed.map(({ path }) => path)).toEqual(["native/src/addon.cpp"]);
    expect(planned).toMatchObject({ removed: ["native/src/gone.cpp"], ownersFiles: [] });
    expect(planned.todo.join()).toContain("wsb-addin shim build");
    expect(contentOf(project)).toEqual(fresh);
  });

  it("keeps the shim's source when a file of it was changed, and upgrades the rest", async () => {
    const project = await create({ shim: "source" });
    age(project, "native/src/addon.cpp");
    age(project, ".editorconfig");
    writeFileSync(join(project, "native/CMakeLists.txt"), "own");
    const { changed, ownersFiles, todo } = await upgrade(project);
    expect(changed.map(({ path }) => path)).toEqual([".editorconfig"]);
    expect(ownersFiles).toEqual(["native/CMakeLists.txt"]);
    expect(todo.join()).toContain("wsb-addin shim eject --out native-");
    expect(read(project, "native/src/addon.cpp")).toContain("# older");
    expect((await upgrade(project)).todo).toEqual(todo);
  });

  it("detects a shim whose source was ejected, and a source that was removed", async () => {
    const ejected = await create();
    cpSync(sources.shim, join(ejected, "native"), { recursive: true });
    const { created, changed } = await upgrade(ejected);
    expect(created).toEqual(["native/.gitignore"]);
    expect(changed.map(({ path }) => path)).toEqual([".editorconfig", ".github/workflows/ci.yml"]);
    const given = await create({ shim: "source" });
    rmSync(join(given, "native"), { recursive: true });
    const plain = await create();
    expect(await upgrade(given)).toMatchObject({ created: [], removed: [] });
    expect(read(given, ".github/workflows/ci.yml")).toBe(read(plain, ".github/workflows/ci.yml"));
  });
});
