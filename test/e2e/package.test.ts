import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readObject, repository, runNode } from "../generator/generator.ts";
import { runProgram } from "../helpers/cli.ts";
import { anchorsOf, deadLinks } from "../helpers/documents.ts";

const tsc = join(repository, "node_modules", "typescript", "bin", "tsc");
const LIMIT_MS = 60_000;

/** Returns the paths of the files that `npm publish` would publish of the package in a folder. */
async function publishedFiles(folder: string): Promise<readonly string[]> {
  const args = ["pack", "--dry-run", "--json", "--ignore-scripts"];
  // On Windows npm is a script.
  const program = process.platform === "win32" ? "npm.cmd" : "npm";
  const { stdout, stderr } = await runProgram(program, args, { cwd: folder });
  const [packed]: { files: { path: string }[] }[] = JSON.parse(stdout);
  if (packed === undefined) throw new Error(`npm packed nothing: ${stderr}`);
  return packed.files.map(({ path }) => path);
}

/** Copies the published files of a package to where npm installs it. */
function install(files: readonly string[], from: string, to: string): void {
  for (const file of files) {
    mkdirSync(dirname(join(to, file)), { recursive: true });
    cpSync(join(from, file), join(to, file));
  }
}

/** A program that uses every entry point with types. */
const entryPoints = Object.entries(Object(readObject(repository, "package.json")["exports"]))
  .filter(([, target]) => Object(target)["types"] !== undefined)
  .map(([path]) => `export type * from ${JSON.stringify(path.replace(".", "wsb-addin"))};`);
const consumer = `
import { defineAddin, WsbError, type Addin, type PreRestoreHandler } from "wsb-addin";

const preRestore: PreRestoreHandler = async (request, { signal, log }) => {
  signal.addEventListener("abort", () => log.warn(String(signal.reason)), { once: true });
  if (signal.aborted) throw new WsbError("ERR_WSB_HANDLER", request.componentName ?? "");
};
export const addin: Addin = defineAddin({ preRestore });
${entryPoints.join("\n")}
`;

describe("the published package", () => {
  const folder = mkdtempSync(join(tmpdir(), "wsb-package-"));
  const installed = join(folder, "node_modules", "wsb-addin");
  let files: readonly string[];

  beforeAll(async () => {
    files = await publishedFiles(repository);
    install(files, repository, installed);
    for (const name of Object.keys(
      Object(readObject(repository, "package.json")["dependencies"]),
    )) {
      symlinkSync(
        join(repository, "node_modules", name),
        join(folder, "node_modules", name),
        "junction",
      );
    }
  }, LIMIT_MS);
  afterAll(() => rmSync(folder, { recursive: true }));

  it(
    "contains only modules that load with its own dependencies",
    async () => {
      const bin: object = Object(readObject(repository, "package.json")["bin"]);
      // The last one is for packed add-ins.
      const programs = new Set<unknown>([...Object.values(bin), "dist/cli/packed-main.js"]);
      const modules = files.filter((file) => file.endsWith(".js") && !programs.has(file));
      expect(modules).toContain("dist/index.js");
      const imports = modules.map((file) => `import ${JSON.stringify(`./${file}`)};`);
      writeFileSync(join(installed, "all.mjs"), imports.join("\n"));
      const { exitCode, stderr } = await runNode(join(installed, "all.mjs"), [], folder);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    },
    LIMIT_MS,
  );

  it.each([
    ["with the DOM's types", ["es2023", "dom"]],
    ["with no types but the language's", ["es2023"]],
  ])(
    "compiles %s and without @types/node",
    async (_, lib) => {
      writeFileSync(join(folder, "addin.ts"), consumer);
      const compilerOptions = {
        lib,
        types: [],
        target: "es2023",
        module: "nodenext",
        strict: true,
        skipLibCheck: false,
        noEmit: true,
      };
      const config = { compilerOptions, files: ["addin.ts"] };
      writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
      const { exitCode, stdout } = await runNode(tsc, ["-p", folder], folder);
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "" });
    },
    LIMIT_MS,
  );

  it("has documents whose links lead somewhere in node_modules too", () => {
    const documents = files.filter((file) => file.endsWith(".md"));
    expect(documents).toEqual(
      expect.arrayContaining(["README.md", "CHANGELOG.md", "SECURITY.md", "docs/errors.md"]),
    );
    const dead = documents.map((file) => [file, deadLinks(installed, file)] as const);
    expect(dead.filter(([, links]) => links.length > 0)).toEqual([]);
  });

  it("has a command that names the page of an error where it is installed", async () => {
    const main = join(installed, "dist", "cli", "main.js");
    const failed = await runNode(main, ["build"], folder);
    const [, page = ""] =
      /^  See (node_modules\/wsb-addin\/docs\/\S+)$/mu.exec(failed.stderr) ?? [];
    const [file = "", anchor = ""] = page.split("#");
    expect(anchorsOf(readFileSync(join(folder, file), "utf8"))).toContain(anchor);
    const json = await runNode(main, ["build", "--json"], folder);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { docs: `docs/errors.md#${anchor}` } });
  });

  it("contains the licences of its packages, and the schemas that it names", () => {
    expect(files).toEqual(
      expect.arrayContaining([
        "LICENSE",
        "dist/THIRD-PARTY-LICENSES.txt",
        "prebuilds/win32-x64/THIRD-PARTY-LICENSES.txt",
        "manifest.schema.json",
        "cli-output.schema.json",
      ]),
    );
  });

  it("does not contain files for this repository's tests", () => {
    const needed = new Set([
      "wsb-lab-proxy-stub.dll",
      "wsb-lab-service.exe",
      "wsb-lab-abilities.exe",
      "wsb-lab-vssapi.dll",
      "wsb-lab-vss-requester.exe",
      "wsb-lab-holder.exe",
    ]);
    const programs = files.filter((file) => file.startsWith("prebuilds/win32-x64/lab/"));
    expect(programs.filter((file) => !needed.has(basename(file)))).toEqual([]);
  });
});

describe("the published generator", () => {
  const folder = mkdtempSync(join(tmpdir(), "wsb-package-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  it(
    "has documents whose links lead somewhere in its package",
    async () => {
      const generator = join(repository, "generator");
      const files = await publishedFiles(generator);
      install(files, generator, folder);
      const documents = files.filter((file) => file.endsWith(".md") && !file.startsWith("dist/"));
      expect(documents).toEqual(["README.md"]);
      expect(documents.flatMap((file) => deadLinks(folder, file))).toEqual([]);
    },
    LIMIT_MS,
  );
});
