import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { FileFollower } from "./follow.ts";
import type { Lab, WineLab } from "./lab.ts";
import { killProcesses, processesWith } from "./processes.ts";
import { type Variables, startWineserver, wineCommand, wineEnvironment } from "./wine.ts";

/** The options for a program in the lab. */
export interface RunOptions {
  /** The working folder, a path of this machine. */
  readonly cwd?: string;
  /** Variables to add to this process's own; `undefined` removes a variable. */
  readonly env?: Variables;
  /** Ends the program and its child processes. */
  readonly signal?: AbortSignal | undefined;
  /** Called with new output, decoded, a few times a second while the program runs. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
}

/** The result of a program in the lab. */
export interface LabOutcome {
  readonly exitCode: number;
  /** The text on stdout and stderr. */
  readonly output: string;
}

interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const FOLLOW_MS = 25;
// Child processes inherit this variable, so that all of them can be found.
const RUN_VARIABLE = "WSB_ADDIN_LAB_RUN";

function waitFor(event: "exit" | "close", child: ChildProcess, program: string): Promise<Exit> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) => {
      reject(
        new WsbError(
          "ERR_WSB_LAB",
          `Cannot start ${program} in the lab: ${cause.message}. Check the path and that Wine is installed.`,
          { cause },
        ),
      );
    });
    child.once(event, (code: number | null, signal: NodeJS.Signals | null) => {
      resolve({ code, signal });
    });
  });
}

async function endRun(id: string): Promise<void> {
  // Repeated, because a process may start while the others end.
  for (;;) {
    // A COM server does not belong to the run, though Wine may let it inherit the variable.
    const processes = processesWith(RUN_VARIABLE, id).filter(
      ({ commandLine }) => !/\s-embedding$/iu.test(commandLine),
    );
    if (processes.length === 0) return;
    await killProcesses(processes);
  }
}

function exitCodeOf({ code, signal }: Exit): number {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}

async function runInWine(
  lab: WineLab,
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "wsb-addin-run-"));
  // Under Wine 8, node.exe fails with EBADF on a pipe, so its output goes through files.
  const files = [join(folder, "stdout"), join(folder, "stderr")] as const;
  const descriptors = files.map((file) => openSync(file, "a"));
  const followers = [
    new FileFollower(files[0], options.onStdout ?? (() => {})),
    new FileFollower(files[1], options.onStderr ?? (() => {})),
  ];
  const id = randomUUID();
  const onAbort = (): void => {
    // A process that cannot be killed is ignored: the abort is already reported.
    void endRun(id).catch(() => {});
  };
  try {
    const child = spawn(...wineCommand([program, ...args]), {
      cwd: options.cwd,
      env: wineEnvironment(lab.prefix, { ...options.env, [RUN_VARIABLE]: id }),
      stdio: ["ignore", ...descriptors],
    });
    const exited = waitFor("exit", child, program);
    options.signal?.addEventListener("abort", onAbort, { once: true });
    const timer = setInterval(() => {
      for (const follower of followers) follower.read();
    }, FOLLOW_MS);
    try {
      return exitCodeOf(await exited);
    } finally {
      clearInterval(timer);
      options.signal?.removeEventListener("abort", onAbort);
    }
  } finally {
    for (const follower of followers) follower.close();
    for (const descriptor of descriptors) closeSync(descriptor);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function runOnMachine(
  program: string,
  args: readonly string[],
  options: RunOptions,
): Promise<number> {
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true,
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => options.onStdout?.(text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => options.onStderr?.(text));
  const onAbort = (): void => {
    spawn("taskkill.exe", ["/t", "/f", "/pid", String(child.pid)], { stdio: "ignore" });
  };
  options.signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return exitCodeOf(await waitFor("close", child, program));
  } finally {
    options.signal?.removeEventListener("abort", onAbort);
  }
}

/** Starts the lab's Wine with its services unless it runs. */
export async function startWine(lab: WineLab, signal?: AbortSignal): Promise<void> {
  if (!startWineserver(lab.prefix)) return;
  // Services and rpcss start here, so that they do not inherit the environment of a program.
  await runInWine(lab, "cmd.exe", ["/c", "exit"], { cwd: "/", signal });
  signal?.throwIfAborted();
}

/**
 * Runs a Windows program in the lab and returns its exit code; Wine keeps only the low byte.
 *
 * The lab's services keep running after the program has ended.
 *
 * @param program A Windows path, or the name of one of Windows' own programs.
 * @throws {@link WsbError} `ERR_WSB_LAB` when it cannot be started; the signal's reason when
 * aborted.
 */
export async function runInLab(
  lab: Lab,
  program: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<number> {
  options.signal?.throwIfAborted();
  if (lab.kind === "wine") await startWine(lab, options.signal);
  const code =
    lab.kind === "wine"
      ? await runInWine(lab, program, args, options)
      : await runOnMachine(program, args, options);
  options.signal?.throwIfAborted();
  return code;
}

/** Runs a program like {@link runInLab} and also returns its output. */
export async function captureInLab(
  lab: Lab,
  program: string,
  args: readonly string[],
  options: Omit<RunOptions, "onStdout" | "onStderr"> = {},
): Promise<LabOutcome> {
  let output = "";
  const keep = (text: string): void => {
    output += text;
  };
  const exitCode = await runInLab(lab, program, args, {
    ...options,
    onStdout: keep,
    onStderr: keep,
  });
  return { exitCode, output };
}
