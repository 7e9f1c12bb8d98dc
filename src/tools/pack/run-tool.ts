import { spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { WsbError } from "../../base/errors.ts";

const SHOWN_OUTPUT_CHARACTERS = 2000;

/** A program that packing needs. */
export interface Tool {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** What to do when it fails; a sentence. */
  readonly nextStep: string;
  readonly signal?: AbortSignal;
}

/** Where a program is on the PATH, or `undefined`. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders
    .map((folder) => join(folder, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Runs a program to its end. Its arguments are shown when it fails: no secret may be among them.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` with the end of its output.
 */
export function runTool({ program, args, cwd, env, nextStep, signal }: Tool): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...(signal === undefined ? {} : { signal }),
    });
    let output = "";
    const keep = (text: string): void => {
      output = (output + text).slice(-SHOWN_OUTPUT_CHARACTERS);
    };
    child.stdout.setEncoding("utf8").on("data", keep);
    child.stderr.setEncoding("utf8").on("data", keep);
    const fail = (text: string, cause?: unknown): void => {
      reject(new WsbError("ERR_WSB_BUILD", text, { cause }));
    };
    child.once("error", (cause) => {
      if (signal?.aborted === true) reject(cause);
      else fail(`Cannot run ${program}: ${cause.message}. ${nextStep}`, cause);
    });
    child.once("close", (code) => {
      if (code === 0) resolve();
      else {
        const command = [program, ...args].join(" ");
        fail(`${command} ended with exit code ${String(code)}:\n${output.trim()}\n${nextStep}`);
      }
    });
  });
}
