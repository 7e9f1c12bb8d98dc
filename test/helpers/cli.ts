import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { toWindowsPath } from "../../src/tools/lab/paths.ts";
import type { Agent } from "./agent.ts";
import { checkOutput } from "./output-schema.ts";
import type { TestLab } from "./test-lab.ts";

const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end and keeps what it printed. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly env?: NodeJS.ProcessEnv;
    /** Sends SIGINT, as Ctrl-C does. */
    readonly interrupt?: AbortSignal;
  },
): Promise<CliResult> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: undefined, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  options.interrupt?.addEventListener("abort", () => child.kill("SIGINT"), { once: true });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code]: unknown[] = await once(child, "close");
  return { code: typeof code === "number" ? code : -1, stdout, stderr };
}

/**
 * Runs the built `wsb-addin` in `cwd`, in the lab at `labFolder`. What it prints with `--json` is
 * held against the published schema.
 */
export async function runCli(
  labFolder: string,
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  interrupt?: AbortSignal,
): Promise<CliResult> {
  const result = await runProgram(process.execPath, [main, ...args], {
    cwd,
    env: { WSB_ADDIN_LAB: labFolder, ...env },
    ...(interrupt === undefined ? {} : { interrupt }),
  });
  if (args.includes("--json")) checkOutput(result.stdout);
  return result;
}

/**
 * Runs a command in `cwd` inside an agent, in a tenth of the time that starting it takes: for what a
 * command does. That it can be started, one test of each command shows with {@link runCli}.
 */
export async function runCliInAgent(
  { lab }: TestLab,
  agent: Agent,
  cwd: string,
  args: readonly string[],
): Promise<CliResult> {
  const result = await agent.runCommand(args, toWindowsPath(lab, cwd));
  if (args.includes("--json")) checkOutput(result.stdout);
  return result;
}
