import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { expect } from "vitest";

import { withLock } from "../../../src/tools/lab/lock.ts";
import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { captureInLab, type LabOutcome } from "../../../src/tools/lab/run.ts";
import { repository } from "../../generator/generator.ts";
import { runProgram } from "../cli.ts";
import type { TestLab } from "./test-lab.ts";

const { stdout: sdks } = spawnSync("dotnet", ["--list-sdks"], { encoding: "utf8" });

/** Whether PowerShell can be built for the lab: it takes the .NET SDK 10. */
export const hasDotnet: boolean = /^10\./mu.test(sdks ?? "");

// The compiler's servers would outlive the build.
const alone = ["-nodeReuse:false", "-p:UseSharedCompilation=false"];

const fixture = join(repository, "test", "fixtures", "powershell");

/** Something that happens while a script runs. */
export interface Interruption {
  /** Part of the line from which on executed lines are counted. */
  readonly from: string;
  /** Part of the lines that count; every line if absent. */
  readonly counting?: string;
  /** Before which counted line it happens; 0 only counts. */
  readonly at: number;
  /**
   * `stop` is Ctrl+C, `kill` a power cut; `bar` replaces `key` by a key below which nothing can be
   * written.
   */
  readonly kind?: "stop" | "kill" | "bar";
  readonly key?: string;
}

/** A script to run in PowerShell; without one, a job only reads `keys`. */
export interface PowerShellJob {
  /** A path of this machine. */
  readonly script?: string;
  readonly switches?: readonly ("WhatIf" | "Confirm" | "Unregister")[];
  /** Whether it runs in Constrained Language Mode. */
  readonly constrained?: boolean;
  /** Whether it finds the environment of a 32-bit process. */
  readonly as32Bit?: boolean;
  readonly answers?: readonly ("Yes" | "Yes to All" | "No")[];
  readonly interruptions?: readonly Interruption[];
  /** Keys to replace first by keys below which nothing can be written. */
  readonly bar?: readonly string[];
  /** Keys of HKEY_LOCAL_MACHINE to read afterwards. */
  readonly keys?: readonly string[];
}

export interface PowerShellResult {
  readonly exitCode: number;
  readonly stopped: boolean;
  readonly output: string;
  readonly errors: string;
  readonly questions: readonly string[];
  /** The lines that the first interruption counted. */
  readonly lines: number;
  /** The keys and values below the job's keys, a line each. */
  readonly registry: readonly string[];
}

/** Builds the fixture in `folder`. */
async function publish(folder: string, built: string): Promise<void> {
  const source = join(folder, "source");
  cpSync(fixture, source, { recursive: true });
  // Its packages have 360 MB; in the user's own cache they would stay.
  const packages = join(repository, "build", "nuget");
  const options = ["-c", "Release", "-o", built, "--packages", packages, "-v", "quiet"];
  const env = { DOTNET_CLI_TELEMETRY_OPTOUT: "1", DOTNET_NOLOGO: "1" };
  const args = ["publish", ...options, ...alone];
  const { code, stdout, stderr } = await runProgram("dotnet", args, { cwd: source, env });
  expect(code, `${stdout}${stderr}`).toBe(0);
}

/** Builds PowerShell for Windows with the runtime of .NET, once; returns its folder. */
export async function buildPowerShell(): Promise<string> {
  const hash = createHash("sha256");
  for (const name of readdirSync(fixture).toSorted()) {
    hash.update(readFileSync(join(fixture, name)));
  }
  const folder = join(repository, "build", `powershell-${hash.digest("hex").slice(0, 16)}`);
  const built = join(folder, "built");
  const ready = join(built, "ready");
  if (existsSync(ready)) return built;
  mkdirSync(folder, { recursive: true });
  // Several test files need it.
  await withLock(join(folder, "lock"), undefined, async () => {
    if (existsSync(ready)) return;
    await publish(folder, built);
    writeFileSync(ready, "");
  });
  return built;
}

/** Starts PowerShell in the lab, as on Windows: `-NoProfile -File script`. */
export async function startPowerShell(
  { lab }: TestLab,
  args: readonly string[],
): Promise<LabOutcome> {
  const program = toWindowsPath(lab, join(await buildPowerShell(), "powershell.exe"));
  // Wine 8 does not support memory that is mapped twice, once to write and once to execute.
  return captureInLab(lab, program, args, { env: { DOTNET_EnableWriteXorExecute: "0" } });
}

/** Starts jobs; returns the file for their results. */
async function startJobs(
  testLab: TestLab,
  jobs: readonly PowerShellJob[],
): Promise<LabOutcome & { readonly results: string }> {
  const { lab } = testLab;
  const folder = mkdtempSync(join(testLab.folder, "powershell-"));
  const files = ["jobs.json", "results.json"].map((name) => join(folder, name));
  const [jobsFile = "", results = ""] = files;
  const inLab = jobs.map((job) =>
    job.script === undefined ? job : { ...job, script: toWindowsPath(lab, job.script) },
  );
  writeFileSync(jobsFile, JSON.stringify(inLab));
  const outcome = await startPowerShell(
    testLab,
    files.map((file) => toWindowsPath(lab, file)),
  );
  return { ...outcome, results };
}

/** Runs jobs one after another in one process. */
export async function runPowerShell(
  testLab: TestLab,
  ...jobs: readonly PowerShellJob[]
): Promise<readonly PowerShellResult[]> {
  const { exitCode, output, results } = await startJobs(testLab, jobs);
  expect(exitCode, output).toBe(0);
  const parsed: readonly PowerShellResult[] = JSON.parse(readFileSync(results, "utf8"));
  return parsed;
}

/** Runs a job whose interruption kills the process. */
export async function killPowerShell(testLab: TestLab, job: PowerShellJob): Promise<void> {
  const { results, output } = await startJobs(testLab, [job]);
  // The exit code is not checked, because Wine may return 0 for a killed process.
  expect(existsSync(results), `not killed: ${output}`).toBe(false);
}
