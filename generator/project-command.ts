import { WsbError } from "../src/base/errors.ts";

const INTERRUPT_MS = 250;

/** A program to run for a project. */
export interface ProjectCommand {
  /** The whole command. On Windows a shell reads it, so it must not contain text from the user. */
  readonly command: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Advice for the case that it fails. */
  readonly nextStep: string;
}

// Lines that npm prints around the line with the error.
const noise = /^(?:code|errno|syscall|at|path|dest|type)\s|^A complete log|^Log files|^-\d+$/u;

/**
 * Runs a program until it ends and returns its output.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` with the first line of the output that explains the
 * failure. When the signal aborts, throws its reason after the program has ended.
 */
export async function runProjectCommand({
  command,
  cwd,
  signal,
  nextStep,
}: ProjectCommand): Promise<string> {
  // Loaded late, because most projects are created without running a program.
  const [{ spawn }, { setTimeout: delay }] = await Promise.all([
    import("node:child_process"),
    import("node:timers/promises"),
  ]);
  signal.throwIfAborted();
  const [program = "", ...args] = command.split(" ");
  const isWindows = process.platform === "win32";
  // On Windows, package managers are scripts, which only a shell can run.
  const child = isWindows
    ? spawn(command, { cwd, shell: true, stdio: ["ignore", "pipe", "pipe"] })
    : spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  const abort = (): void => {
    child.kill("SIGINT");
  };
  signal.addEventListener("abort", abort);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  let wasInterrupted = false;
  const failure = await new Promise<string | undefined>((done) => {
    child.once("error", (error) => done(error.message));
    child.once("close", (code, killer) => {
      wasInterrupted = killer !== null || (code ?? 0) > 128;
      done(code === 0 ? undefined : `exit code ${String(code ?? killer)}: ${findReason(output)}`);
    });
  });
  signal.removeEventListener("abort", abort);
  // Both processes receive Ctrl-C, and the child may end before this process handles it.
  if (wasInterrupted) await delay(INTERRUPT_MS, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
  if (failure === undefined) return output;
  throw new WsbError(
    "ERR_WSB_BUILD",
    `${command} failed (${failure}). Nothing was created. ${nextStep}`,
  );
}

/** Finds the line of a program's output that most likely explains its failure. */
function findReason(output: string): string {
  const lines = output
    .split(/\r?\n/u)
    .map((line) => line.replace(/^\s*(?:npm (?:error|ERR!)|error:?|ERR_PNPM_\w+)\s*/u, "").trim())
    .filter((line) => line !== "");
  const reason = lines.find((line) => !noise.test(line) && !line.startsWith("npm warn"));
  return (reason ?? lines.at(-1) ?? "it printed nothing").replace(/[.\s]+$/u, "");
}

const signalExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal interrupted the process, which has cleaned up and can end. */
export class Interrupted extends Error {
  readonly exitCode: number;

  constructor(signal: keyof typeof signalExitCodes) {
    super(`Interrupted by ${signal}. Nothing was created.`);
    this.name = "Interrupted";
    this.exitCode = signalExitCodes[signal];
  }
}

/**
 * Makes Ctrl-C and similar signals abort an `AbortSignal` instead of ending the process, so that
 * unfinished work can be removed first.
 *
 * @returns A signal whose reason is an {@link Interrupted}.
 */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController();
  for (const signal of signals) {
    process.on(signal, () => controller.abort(new Interrupted(signal)));
  }
  return controller.signal;
}
