import { spawn } from "node:child_process";

/** The error for a failed step; its message is for people and may contain output. */
export class DemoError extends Error {}

const KILL_AFTER_MS = 5000;

/** Ends a program and its child processes; returns the timer after which it kills them. */
function endTree(child) {
  if (process.platform === "win32") {
    spawn("taskkill.exe", ["/t", "/f", "/pid", String(child.pid)], { stdio: "ignore" });
    return undefined;
  }
  const send = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // The process has already ended.
    }
  };
  send("SIGTERM");
  return setTimeout(() => send("SIGKILL"), KILL_AFTER_MS);
}

/**
 * Runs a program and waits until it ends.
 *
 * The program gets its own process group, so that Ctrl-C reaches only this process, which then ends
 * its programs and cleans up.
 *
 * @param {readonly string[]} command The program and its arguments.
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, signal?: AbortSignal, onOutput?: (text: string)
 * => void }} options
 * @returns {Promise<{ exitCode: number, stdout: string, output: string }>} `output` is stdout and
 * stderr, interleaved.
 */
export function run([program, ...args], { cwd, env, signal, onOutput } = {}) {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const child = spawn(program, args, {
      cwd,
      env: env ?? process.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    let output = "";
    let stdout = "";
    const keep = (text) => {
      output += text;
      onOutput?.(text);
    };
    child.stdout.setEncoding("utf8").on("data", (text) => {
      stdout += text;
      keep(text);
    });
    child.stderr.setEncoding("utf8").on("data", keep);
    let insisting;
    const onAbort = () => {
      insisting = endTree(child);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    const settle = (act) => {
      signal?.removeEventListener("abort", onAbort);
      clearTimeout(insisting);
      if (signal?.aborted) reject(signal.reason);
      else act();
    };
    child.once("error", (cause) =>
      settle(() => reject(new DemoError(`Cannot start ${program}: ${cause.message}.`, { cause }))),
    );
    child.once("close", (code, killedBy) =>
      settle(() => resolve({ exitCode: code ?? 1, stdout, output: output + (killedBy ?? "") })),
    );
  });
}

/**
 * Runs a program that must succeed.
 *
 * @param {string} title The command as a person would type it.
 * @returns {Promise<string>} The standard output.
 * @throws {DemoError} with all its output.
 */
export async function mustRun(title, command, options) {
  const { exitCode, stdout, output } = await run(command, options);
  if (exitCode === 0) return stdout;
  throw new DemoError(`${title} ended with exit code ${exitCode}:\n${output.trim()}`);
}

/** Waits for all promises, then throws the first failure, so that nothing is left running. */
export async function together(...promises) {
  const outcomes = await Promise.allSettled(promises);
  const failed = outcomes.find(({ status }) => status === "rejected");
  if (failed !== undefined) throw failed.reason;
  return outcomes.map(({ value }) => value);
}
