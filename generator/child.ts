import { WsbError } from "../src/base/errors.ts";

const INTERRUPT_MS = 250;

/** A program that is run for a project, and what it is to the person who waits for it. */
export interface ChildCommand {
  /** The whole command, without anything that somebody typed: on Windows a shell reads it. */
  readonly command: string;
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** What to do when it fails. */
  readonly nextStep: string;
}

// What npm says of an error before and after the line that says it.
const noise = /^(?:code|errno|syscall|at|path|dest|type)\s|^A complete log|^Log files|^-\d+$/u;

/**
 * Runs a program to its end and returns what it printed.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` with the first line that says what went wrong. When the
 * signal aborts, the signal's reason, and not before the program has ended.
 */
export async function runChild({ command, cwd, signal, nextStep }: ChildCommand): Promise<string> {
  // Only now: most projects are made without a program, and loading this takes longer than writing.
  const [{ spawn }, { setTimeout: delay }] = await Promise.all([
    import("node:child_process"),
    import("node:timers/promises"),
  ]);
  signal.throwIfAborted();
  const [program = "", ...args] = command.split(" ");
  const isWindows = process.platform === "win32";
  // On Windows, package managers are scripts, and only a shell starts those.
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
      done(code === 0 ? undefined : `exit code ${String(code ?? killer)}: ${telling(output)}`);
    });
  });
  signal.removeEventListener("abort", abort);
  // Ctrl-C goes to both, and the program may have ended before this one has heard of it.
  if (wasInterrupted) await delay(INTERRUPT_MS, undefined, { signal }).catch(() => {});
  signal.throwIfAborted();
  if (failure === undefined) return output;
  throw new WsbError(
    "ERR_WSB_BUILD",
    `${command} failed (${failure}), and nothing was created. ${nextStep}`,
  );
}

/** The line of a program's output that says what went wrong, as far as one can tell. */
function telling(output: string): string {
  const lines = output
    .split(/\r?\n/u)
    .map((line) => line.replace(/^\s*(?:npm (?:error|ERR!)|error:?|ERR_PNPM_\w+)\s*/u, "").trim())
    .filter((line) => line !== "");
  const told = lines.find((line) => !noise.test(line) && !line.startsWith("npm warn"));
  return (told ?? lines.at(-1) ?? "it printed nothing").replace(/[.\s]+$/u, "");
}
