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
  /** Ends its input, and resolves when it has ended, which it does then. */
  end(): Promise<void>;
  /** Kills it, and resolves when it has ended. */
  kill(): Promise<void>;
}

function textsIn(line: string): readonly string[] {
  const texts: unknown = JSON.parse(line);
  return Array.isArray(texts) ? texts.map(String) : [];
}

/** Starts a program of the lab. It ends with this process, however that happens: its input ends. */
export function startLineProgram(program: string, args: readonly string[]): LineProgram {
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "ignore"], windowsHide: true });
  const exited = once(child, "exit");
  // A program that cannot be started says so by its missing line.
  exited.catch(() => {});
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
  const ended = async (): Promise<void> => {
    await exited.catch(() => {});
  };
  return {
    line,
    ask(...command) {
      child.stdin.write(`${JSON.stringify(command)}\n`);
      return line();
    },
    end() {
      child.stdin.end();
      return ended();
    },
    kill() {
      child.kill("SIGKILL");
      return ended();
    },
  };
}
