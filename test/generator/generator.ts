import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Root folder of the repository. */
export const repository: string = fileURLToPath(new URL("../..", import.meta.url));

/** Templates a generated add-in project is made of. */
export const addinTemplates: string = join(repository, "templates/addin");

/** What a child process left when it ended. */
export interface Ended {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of this test file's own, where the built generator stands apart from any node_modules. */
export class Workbench {
  readonly #folder = mkdtempSync(join(tmpdir(), "wsb-generator-"));
  readonly bundle: string = join(this.#folder, "bundle");

  /** Builds the generator from the sources as they are now, as `npm run build` does. */
  constructor() {
    execFileSync(process.execPath, [join(repository, "generator/build.mjs"), this.bundle]);
  }

  /** Makes a new empty folder. */
  newFolder(): string {
    return mkdtempSync(join(this.#folder, "work-"));
  }

  /** Runs the generator with a standard input that is open and silent. */
  create(cwd: string, args: readonly string[], bundle: string = this.bundle): Promise<Ended> {
    return runNode(join(bundle, "cli.js"), args, cwd);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs a script with this Node.js, without what the test runner tells its own children. */
export function runNode(script: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_ENV$)/u.test(name)),
  );
  return new Promise((done) => {
    execFile(process.execPath, [script, ...args], { cwd, env }, (error, stdout, stderr) => {
      done({ exitCode: error === null ? 0 : (error.code ?? "killed"), stdout, stderr });
    });
  });
}

/** Lists the files below a folder, sorted, with forward slashes. */
export function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .toSorted();
}

/** Reads a JSON file or text as an object. */
export function parseObject(text: string): Record<string, unknown> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null) throw new Error(`not an object: ${text}`);
  return Object.fromEntries(Object.entries(value));
}

/** Reads a JSON file as an object. */
export function readObject(...path: readonly string[]): Record<string, unknown> {
  return parseObject(readFileSync(join(...path), "utf8"));
}
