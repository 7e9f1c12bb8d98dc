import { spawn } from "node:child_process";
import { existsSync } from "node:fs";

/** Tells whether tests can use a terminal, which needs `script` of util-linux. */
export const hasTerminal: boolean = existsSync("/usr/bin/script");

/** The characters that keys send. */
export const KEY = {
  enter: "\r",
  space: " ",
  down: "\u001B[B",
  clearLine: "\u0015",
  interrupt: "\u0003",
} as const;

/** A turn: waits for a text, then types. */
export type Turn = readonly [waitFor: string, type: string];

/**
 * Runs a program on a pseudo-terminal and types the keys of each turn when its text appears after
 * the previous turn.
 *
 * @returns The exit code and the turns whose text did not appear.
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
