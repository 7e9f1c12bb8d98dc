import { execFile } from "node:child_process";
import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const run = promisify(execFile);

/** Each may import itself and what follows. */
const WINGS = ["tools", "testing", "runtime", "base"];

/** Every way to import, for `name` to be a name of its own. */
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
);

/** Returns what the repository's linter says of a folder's files, as `file: message`. */
async function lint(folder: string): Promise<readonly string[]> {
  const linter = join(root, "node_modules", "oxlint", "bin", "oxlint");
  // A finding makes the linter fail, and its report is on stdout all the same.
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
