import { WsbError, errorText } from "./errors.ts";
import { lateChildProcess } from "./late-modules.ts";

/** A program to run without a shell, without a window and without input. */
export interface ChildProgram {
  /** The program's path, or its name if it is on the PATH. */
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  /** Variables to add to this process's own; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Ends the program. */
  readonly signal?: AbortSignal | undefined;
  /** The longest time that the program may run, in milliseconds. @defaultValue no limit */
  readonly timeoutMs?: number;
}

/** The result of a program. */
export interface ChildEnding {
  /** `null` when the program was killed, for example at the time limit. */
  readonly exitCode: number | null;
  /** The last 2,000 characters of stdout and stderr. */
  readonly output: string;
}

const KEPT_CHARACTERS = 2000;
/** The time that the last output of an ended program may take to arrive. */
const LAST_OUTPUT_MS = 500;

/**
 * Runs a program and waits until it ends.
 *
 * @throws The system's error when the program cannot be started; the signal's reason when the
 * signal aborts, after the program has ended.
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
      // A child that keeps running may hold the output open, and then "close" never comes.
      started.once("exit", (code) => {
        setTimeout(() => resolve(code), started.killed ? 0 : LAST_OUTPUT_MS).unref();
      });
    });
    signal?.throwIfAborted();
    return { exitCode, output };
  } finally {
    signal?.removeEventListener("abort", end);
    // Open streams would keep this process alive.
    started.stdout.destroy();
    started.stderr.destroy();
  }
}

/** A program that must succeed. */
export interface Tool extends ChildProgram {
  /** The code of the error when the program fails. */
  readonly errorCode: "ERR_WSB_BUILD" | "ERR_WSB_LAB";
  /** The next step when the program fails; a sentence. */
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
 * Runs a program that must succeed. The error shows its arguments, so they must not hold a secret.
 *
 * @throws {@link WsbError} with the tool's code and the end of its output.
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
