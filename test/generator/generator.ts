import { execFile, execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { completeAnswers } from "../../generator/answers.ts";
import type { Answers, GivenAnswers } from "../../generator/answers.ts";
import { createProject } from "../../generator/create.ts";
import { startPlop } from "../../generator/plop.ts";
import { projectFiles } from "../../generator/project-files.ts";
import type { Sources } from "../../generator/project-files.ts";
import { checkAnswers } from "../../generator/validate.ts";

/** The root folder of the repository. */
export const repository: string = fileURLToPath(new URL("../..", import.meta.url));

/** The folder of the templates. */
export const templates: string = join(repository, "templates");

/** The sources of projects' files. */
export const sources: Sources = { templates, shim: join(repository, "dist", "shim-source") };

/** Compiles each template once for all projects of a test file. */
const plop = startPlop(sources);

/** Makes a project from answers in this process; the default folder is in `currentFolder`. */
export async function scaffold(
  given: GivenAnswers,
  currentFolder: string,
  userAgent?: string,
): Promise<Answers> {
  expect(checkAnswers(given)).toEqual([]);
  const answers = completeAnswers(given, { currentFolder, userAgent });
  const { signal } = new AbortController();
  const files = projectFiles(sources, answers);
  await createProject(await plop, { answers, files, edited: new Map() }, signal);
  return answers;
}

/** Replaces an installation: links every package to this repository's own copy. */
export function linkPackages(project: string): void {
  const installed = join(repository, "node_modules");
  const folder = join(project, "node_modules");
  mkdirSync(folder);
  for (const name of readdirSync(installed)) {
    if (name.startsWith(".") || name === "wsb-addin") continue;
    symlinkSync(join(installed, name), join(folder, name), "junction");
  }
  symlinkSync(repository, join(folder, "wsb-addin"), "junction");
}

/** The result of a child process. */
export interface Ended {
  readonly exitCode: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** The settings of a child process. */
export interface RunOptions {
  readonly uid?: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends it with SIGTERM. */
  readonly signal?: AbortSignal;
}

/** A folder of this test file, with the built generator and without any node_modules. */
export class Workbench {
  readonly #folder = mkdtempSync(join(tmpdir(), "wsb-generator-"));
  readonly bundle: string = join(this.#folder, "bundle");

  /** Builds the generator from the current sources, like `npm run build`. */
  constructor() {
    // Readable for a process of another user.
    chmodSync(this.#folder, 0o755);
    execFileSync(process.execPath, [join(repository, "generator/build.mjs"), this.bundle]);
  }

  /** Makes a new empty folder. */
  newFolder(): string {
    return mkdtempSync(join(this.#folder, "work-"));
  }

  /** Runs the generator with a standard input that is open and silent. */
  create(
    cwd: string,
    args: readonly string[],
    { bundle = this.bundle, ...options }: RunOptions & { readonly bundle?: string } = {},
  ): Promise<Ended> {
    return runNode(join(bundle, "cli.cjs"), args, cwd, options);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Runs a script with this Node.js, without the test runner's own variables. */
export function runNode(
  script: string,
  args: readonly string[],
  cwd: string,
  { uid, env: extra = {}, signal }: RunOptions = {},
): Promise<Ended> {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(?:VITEST|NODE_ENV$)/u.test(name)),
  );
  const env = { ...inherited, ...extra };
  return new Promise((done) => {
    const options = { cwd, env, ...(uid === undefined ? {} : { uid }) };
    const child = execFile(
      process.execPath,
      [script, ...args],
      options,
      (error, stdout, stderr) => {
        done({ exitCode: error === null ? 0 : (error.code ?? "killed"), stdout, stderr });
      },
    );
    signal?.addEventListener("abort", () => child.kill("SIGTERM"), { once: true });
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
