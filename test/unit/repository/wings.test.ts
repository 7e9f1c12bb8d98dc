import { execFile } from "node:child_process";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);

/** Each may import itself and the following ones. */
const WINGS = ["tools", "testing", "runtime", "base"];

/** Returns every kind of import, with `name` as a unique name. */
const FORMS: readonly ((path: string, name: string) => string)[] = [
  (path, name) => `import * as ${name} from "${path}";`,
  (path, name) => `import type { One as ${name} } from "${path}";`,
  (path, name) => `export { one as ${name} } from "${path}";`,
  (path, name) => `const ${name} = await import("${path}");`,
];

interface Planted {
  readonly file: string;
  readonly path: string;
  readonly verdict: "allowed" | "refused";
}

function plant(file: string, verdict: Planted["verdict"], paths: readonly string[]): Planted[] {
  return paths.map((path) => ({ file, path, verdict }));
}

const planted = WINGS.flatMap((wing, place) => {
  const file = `src/${wing}/part/planted.ts`;
  const paths = WINGS.map((other) => `../../${other}/other/one.ts`);
  const foreign = ["../../index.ts", "../../../generator/one.ts", "wsb-addin", "wsb-addin/server"];
  return [
    plant(file, "refused", paths.slice(0, place).concat(foreign)),
    plant(file, "allowed", paths.slice(place).concat("node:fs")),
  ].flat();
}).concat(
  plant("src/index.ts", "refused", ["./tools/one.ts", "./testing/one.ts", "../generator/one.ts"]),
  plant("src/index.ts", "allowed", ["./runtime/one.ts", "./base/one.ts"]),
  plant("generator/planted.ts", "refused", [
    "../src/tools/cli/one.ts",
    "../src/testing/one.ts",
    "../src/runtime/restore/one.ts",
    "../src/index.ts",
    "wsb-addin",
  ]),
  plant("generator/planted.ts", "allowed", [
    "./one.ts",
    "../src/base/one.ts",
    "../src/runtime/manifest/one.ts",
    "../src/runtime/addin/one.ts",
  ]),
);

/** Returns the findings of the repository's linter in a folder, as `file: message`. */
async function lint(folder: string): Promise<readonly string[]> {
  const linter = join(root, "node_modules", "oxlint", "bin", "oxlint");
  // The linter fails on findings but still prints its report to stdout.
  const { stdout } = await run(process.execPath, [linter, "--format=json"], { cwd: folder }).catch(
    (error: { readonly stdout: string }) => error,
  );
  const report: {
    readonly diagnostics: readonly {
      readonly code: string;
      readonly filename: string;
      readonly message: string;
    }[];
  } = JSON.parse(stdout);
  return report.diagnostics
    .filter(({ code }) => code === "eslint(no-restricted-imports)")
    .map(({ filename, message }) => `${filename}: ${message}`);
}

describe("the linter", () => {
  let folder: string;
  let findings: readonly string[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "wsb-addin-wings-"));
    copyFileSync(join(root, ".oxlintrc.json"), join(folder, ".oxlintrc.json"));
    for (const [number, { file, path }] of planted.entries()) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      const lines = FORMS.map((form, index) => `${form(path, `name${number}_${index}`)}\n`);
      appendFileSync(join(folder, file), lines.join(""));
    }
    findings = await lint(folder);
  });

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(planted)("$verdict: $path in $file", ({ file, path, verdict }) => {
    const own = findings.filter((line) => line.startsWith(`${file}: '${path}' `));

    expect(own).toHaveLength(verdict === "refused" ? FORMS.length : 0);
  });
});

type Imports = ReadonlyMap<string, ReadonlySet<string>>;

/** Returns the folders of `src` that each folder imports. */
function importsOfFolders(): Imports {
  const imports = new Map<string, Set<string>>();
  const files = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => name.endsWith(".ts"))) {
    const folder = dirname(join("src", file));
    const text = readFileSync(join(root, "src", file), "utf8");
    for (const [, path = ""] of text.matchAll(/(?:from |import |import\()"(\.[^"]+)"/gu)) {
      const imported = dirname(join(folder, path));
      if (imported === folder) continue;
      imports.set(folder, (imports.get(folder) ?? new Set()).add(imported));
    }
  }
  return imports;
}

/** Returns every path from a folder back to itself, as `a > b > a`. */
function findCycles(imports: Imports): readonly string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (folder: string, way: readonly string[]): void => {
    const start = way.indexOf(folder);
    if (start !== -1) cycles.push([...way.slice(start), folder].join(" > "));
    if (start !== -1 || done.has(folder)) return;
    for (const imported of imports.get(folder) ?? []) visit(imported, [...way, folder]);
    done.add(folder);
  };
  for (const folder of imports.keys()) visit(folder, []);
  return cycles;
}

describe("the folders of src", () => {
  it("do not import each other", () => {
    const imports = importsOfFolders();

    expect(imports.get(join("src", "tools", "cli", "commands"))).toContain(
      join("src", "tools", "registration"),
    );
    expect(findCycles(imports)).toEqual([]);
  });

  it("fail this test when they do", () => {
    const imports = new Map([
      ["a", new Set(["b", "d"])],
      ["b", new Set(["c"])],
      ["c", new Set(["d", "a"])],
    ]);

    expect(findCycles(imports)).toEqual(["a > b > c > a"]);
  });
});
