import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

/** Whether a test can have a terminal: by util-linux' `script`. */
export const hasTerminal: boolean = existsSync("/usr/bin/script");

/** What a key sends. */
export const KEY = {
  enter: "\r",
  space: " ",
  down: "\u001B[B",
  clearLine: "\u0015",
  interrupt: "\u0003",
} as const;

/** Waits for a text, then types. */
export type Turn = readonly [waitFor: string, type: string];

/**
 * Runs a program on a pseudo-terminal and types each turn's keys once its text has shown after the
 * turn before.
 *
 * @returns The exit code, and what was never waited for in vain: the turns that are left.
 */
export function onTerminal(
  command: string,
  options: {
    readonly cwd: string;
    readonly env?: NodeJS.ProcessEnv;
    readonly turns: readonly Turn[];
  },
): Promise<{
  readonly exitCode: number | null;
  readonly left: readonly Turn[];
  readonly shown: string;
}> {
  const { cwd, env = process.env, turns } = options;
  const child = spawn("/usr/bin/script", ["-qec", command, "/dev/null"], { cwd, env });
  const left = [...turns];
  let all = "";
  let sinceTurn = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    all += chunk;
    sinceTurn += chunk;
    const [next] = left;
    if (next === undefined || !sinceTurn.includes(next[0])) return;
    sinceTurn = "";
    left.shift();
    child.stdin.write(next[1]);
  });
  return new Promise((done) => {
    child.on("close", (exitCode) => done({ exitCode, left, shown: all }));
  });
}
