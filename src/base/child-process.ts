import { WsbError, errorText } from "./errors.ts";
import { lateChildProcess } from "./late-modules.ts";

/** A program to run, without a shell, a window or an input. */
export interface ChildProgram {
  /** Path, or name of a program on the PATH. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Set on top of this process's variables; `undefined` removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time it may run, in milliseconds. @defaultValue no limit */
  readonly timeoutMs?: number;
}

/** How a program ended. */
export interface ChildEnding {
  /** `null`: it was ended, for example at the time limit. */
  readonly exitCode: number | null;
  /** The last 2,000 characters of what it wrote to stdout and stderr. */
  readonly output: string;
}

const KEPT_CHARACTERS = 2000;

/**
 * Runs a program to its end.
 *
 * @throws The system's error when the program cannot be started. When the signal aborts, the signal's
 * reason, and not before the program has ended.
 */
export async function runChild(child: ChildProgram): Promise<ChildEnding> {
  const { program, args, cwd, env, signal, timeoutMs } = child;
  signal?.throwIfAborted();
  const started = lateChildProcess().spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: timeoutMs,
    windowsHide: true,
  });
  const end = (): void => {
    started.kill();
  };
  signal?.addEventListener("abort", end, { once: true });
  let output = "";
  for (const stream of [started.stdout, started.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-KEPT_CHARACTERS);
    });
  }
  try {
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      started.once("error", reject);
      started.once("close", resolve);
      // What an ended program has started may hold its output open.
      started.once("exit", (code) => {
        if (started.killed) resolve(code);
      });
    });
    signal?.throwIfAborted();
    return { exitCode, output };
  } finally {
    signal?.removeEventListener("abort", end);
  }
}

/** A program that has to succeed. */
export interface Tool extends ChildProgram {
  /** Code of the error when it fails. */
  readonly errorCode: "ERR_WSB_BUILD" | "ERR_WSB_LAB";
  /** What to do when it fails; a sentence. */
  readonly nextStep: string;
}

async function runOrExplain(tool: Tool): Promise<ChildEnding> {
  try {
    return await runChild(tool);
  } catch (error) {
    tool.signal?.throwIfAborted();
    throw new WsbError(
      tool.errorCode,
      `Cannot run ${tool.program}: ${errorText(error)}. ${tool.nextStep}`,
      { cause: error },
    );
  }
}

/**
 * Runs a program that has to succeed. Its arguments are shown when it fails: no secret may be among
 * them.
 *
 * @throws {@link WsbError} of the tool's code with the end of its output.
 */
export async function runTool(tool: Tool): Promise<void> {
  const { exitCode, output } = await runOrExplain(tool);
  if (exitCode === 0) return;
  const { program, args, errorCode, nextStep } = tool;
  throw new WsbError(
    errorCode,
    `${[program, ...args].join(" ")} ended with exit code ${String(exitCode)}:\n${output.trim()}\n${nextStep}`,
  );
}
