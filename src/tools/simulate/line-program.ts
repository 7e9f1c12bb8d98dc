import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import { WsbError } from "../../base/errors.ts";

/** A program of the lab that reads and writes lines, each a list of texts in JSON. */
export interface LineProgram {
  /**
   * Sends a command and returns its answer.
   *
   * @throws {@link WsbError} `ERR_WSB_LAB` when the program has ended.
   */
  ask(...command: readonly string[]): Promise<readonly string[]>;
  /** Waits for the next line. @throws as {@link ask}. */
  line(): Promise<readonly string[]>;
  /** Ends its input: it ends too. Resolves with its exit code; `null` if a signal ended it. */
  end(): Promise<number | null>;
  /** Kills it, and resolves when it has ended. */
  kill(): Promise<void>;
}

function textsIn(line: string): readonly string[] {
  const texts: unknown = JSON.parse(line);
  return Array.isArray(texts) ? texts.map(String) : [];
}

/**
 * Starts a program of the lab. It ends with this process, however that happens: its input ends.
 *
 * @param env Its environment; by default this process's.
 */
export function startLineProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): LineProgram {
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "ignore"], windowsHide: true });
  // A program that cannot be started says so by its missing line.
  const exited = once(child, "exit").then(
    ([exitCode]: readonly (number | null)[]) => exitCode ?? null,
    () => null,
  );
  child.stdin.on("error", () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<readonly string[]> => {
    const { value, done } = await lines.next();
    if (done !== true) return textsIn(value);
    throw new WsbError(
      "ERR_WSB_LAB",
      `${program} has ended. Make the lab again: wsb-addin lab down, wsb-addin lab up.`,
    );
  };
  return {
    line,
    ask(...command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return line();
    },
    end() {
      child.stdin.end();
      return exited;
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}
