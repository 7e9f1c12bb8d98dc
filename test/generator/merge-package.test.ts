import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { listScripts, mergePackage } from "../../generator/merge-package.ts";
import { newFolder } from "./project-bed.ts";

const template = text({
  name: "ledger-addin",
  type: "module",
  scripts: { build: "wsb-addin build", test: "vitest run" },
  devDependencies: { vitest: "4.1.0", "wsb-addin": "^0.1.0" },
});

function text(fields: object, indent: string | number = 2): string {
  return `${JSON.stringify(fields, undefined, indent)}\n`;
}

describe("the package.json of an existing project", () => {
  it("gets the scripts, packages and type that are missing, and keeps the rest", () => {
    const own = { name: "ledger", dependencies: { vitest: "3.0.0" }, scripts: { start: "node ." } };
    const { text: merged, added, todo, hasScripts } = mergePackage(text(own), template, []);
    expect(JSON.parse(merged ?? "")).toEqual({
      name: "ledger",
      type: "module",
      dependencies: { vitest: "3.0.0" },
      scripts: { start: "node .", build: "wsb-addin build", test: "vitest run" },
      devDependencies: { "wsb-addin": "^0.1.0" },
    });
    expect(added.toSorted()).toEqual([
      "devDependencies.wsb-addin",
      "scripts.build",
      "scripts.test",
      "type",
    ]);
    expect({ todo, hasScripts }).toEqual({ todo: [], hasScripts: true });
  });

  it.each([
    ["four spaces", (one: string) => text(JSON.parse(one), 4)],
    ["tabs", (one: string) => text(JSON.parse(one), "\t")],
    ["line ends of Windows", (one: string) => one.replaceAll("\n", "\r\n")],
    ["a byte order mark", (one: string) => `\uFEFF${one}`],
    ["no line end", (one: string) => one.trimEnd()],
  ])("keeps %s", (_what, change) => {
    const plain = mergePackage(text({ name: "ledger" }), template, []).text ?? "";
    const own = change(text({ name: "ledger" }));
    expect(mergePackage(own, template, []).text).toBe(change(plain));
  });

  it("that lacks nothing stays as it is", () => {
    expect(mergePackage(template, template, ["a.js"])).toEqual({
      text: undefined,
      added: [],
      todo: [],
      hasScripts: true,
    });
  });

  it("keeps a script of the same name, and the scaffold's is named", () => {
    const own = text({ type: "module", scripts: { build: "tsc" } });
    const { text: merged, todo, hasScripts } = mergePackage(own, template, []);
    expect(JSON.parse(merged ?? "").scripts).toEqual({ build: "tsc", test: "vitest run" });
    expect(todo).toEqual([expect.stringContaining("wsb-addin build")]);
    expect(hasScripts).toBe(false);
  });

  it.each([
    ["its files in JavaScript", {}, ["lib/x.js"], "lib/x.js"],
    ["another type", { type: "commonjs" }, [], '"commonjs"'],
  ])("gets no type because of %s, and is told so", (_what, own, scripts, reason) => {
    const { text: merged, todo } = mergePackage(text(own), template, scripts);
    expect(JSON.parse(merged ?? "").type).not.toBe("module");
    expect(todo).toEqual([expect.stringMatching(/^Set "type": "module"/u)]);
    expect(todo[0]).toContain(reason);
  });

  it("in a format of its own is not written, and what it lacks is named", () => {
    const { text: merged, todo, hasScripts } = mergePackage('{"name":"x"}', template, []);
    expect({ merged, hasScripts }).toEqual({ merged: undefined, hasScripts: false });
    const fragment: unknown = JSON.parse(`{${/: (".*)$/u.exec(todo.join())?.[1] ?? ""}}`);
    expect(fragment).toMatchObject({ type: "module", scripts: { build: "wsb-addin build" } });
  });

  it("that is not JSON is not written", () => {
    expect(mergePackage("mine", template, [])).toMatchObject({
      text: undefined,
      hasScripts: false,
    });
    expect(mergePackage("mine", template, []).todo.join()).toContain("not JSON");
  });
});

it("the files that a type would change are not those of packages", () => {
  const folder = newFolder();
  for (const file of ["lib/x.js", "node_modules/a/a.js", ".cache/b.ts", "c.mjs", "d.json"]) {
    mkdirSync(join(folder, file, ".."), { recursive: true });
    writeFileSync(join(folder, file), "");
  }
  expect(listScripts(folder)).toEqual(["lib/x.js"]);
});
