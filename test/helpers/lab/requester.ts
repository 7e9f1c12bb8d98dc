import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { expect } from "vitest";

import type { Lab } from "../../../src/tools/lab/lab.ts";
import { toWindowsPath } from "../../../src/tools/lab/paths.ts";
import { wineCommand, wineEnvironment } from "../../../src/tools/lab/wine.ts";

const program = (name: string): string =>
  fileURLToPath(new URL(`../../../prebuilds/win32-x64/lab/${name}`, import.meta.url));

/** A program of the lab that reads and writes lines of texts. */
export interface LineProgram {
  /** Sends a command and returns its answer. */
  ask(...command: readonly string[]): Promise<readonly string[]>;
  /** Waits for the next line. */
  line(): Promise<readonly string[]>;
  /** Ends its input: it ends too. Resolves with its exit code. */
  end(): Promise<number | null>;
  /** Kills it. */
  kill(): Promise<void>;
}

function startLineProgram(lab: Lab, name: string, args: readonly string[]): LineProgram {
  const file = program(name);
  const child: ChildProcess =
    lab.kind === "wine"
      ? spawn(...wineCommand([toWindowsPath(lab, file), ...args]), {
          env: wineEnvironment(lab.prefix),
          stdio: ["pipe", "pipe", "ignore"],
        })
      : spawn(file, args, { stdio: ["pipe", "pipe", "ignore"] });
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("no pipes");
  stdin.on("error", () => {});
  const exited = once(child, "exit") as Promise<[number | null]>;
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<readonly string[]> => {
    const { value, done } = await lines.next();
    if (done === true) throw new Error(`${name} has ended`);
    return JSON.parse(value) as readonly string[];
  };
  return {
    line,
    ask(...command) {
      stdin.write(`${JSON.stringify(command)}\n`);
      return line();
    },
    async end() {
      stdin.end();
      return (await exited)[0];
    },
    async kill() {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** The answer of a writer to an event. */
export interface EventAnswer {
  readonly outcome: string;
  readonly hresult: number;
  readonly applicationHresult: number;
  readonly message: string;
  readonly threadId: string;
  /** The metadata document, of Identify only. */
  readonly document: string;
}

/** A requester that is connected to one writer. */
export interface Requester {
  event(...command: readonly string[]): Promise<EventAnswer>;
  end(): Promise<number | null>;
  kill(): Promise<void>;
}

export const SET_ID = "{1B2C3D4E-0000-4000-8000-00000000ABCD}";

/** Starts the holder; it holds at once. */
export function startHolder(lab: Lab, ...args: readonly string[]): LineProgram {
  return startLineProgram(lab, "wsb-lab-holder.exe", args);
}

/** Lists the subscribed writers: instance, id, name, process id. */
export async function listWriters(lab: Lab): Promise<readonly (readonly string[])[]> {
  const requester = startLineProgram(lab, "wsb-lab-vss-requester.exe", []);
  const texts = await requester.ask("list");
  await requester.end();
  return Array.from({ length: texts.length / 4 }, (_, index) =>
    texts.slice(index * 4, index * 4 + 4),
  );
}

/** Starts a requester, and connects it to the writer with this class id. */
export async function startRequester(lab: Lab, writerId: string): Promise<Requester> {
  const requester = startLineProgram(lab, "wsb-lab-vss-requester.exe", []);
  const texts = await requester.ask("list");
  const plain = writerId.slice(1, -1).toLowerCase();
  const instance = texts[texts.indexOf(plain) - 1];
  if (instance === undefined) throw new Error(`no writer ${writerId}: ${texts.join(", ")}`);
  expect(await requester.ask("connect", instance)).toEqual(["connected"]);
  return {
    async event(...command) {
      const [
        outcome = "",
        hresult,
        applicationHresult,
        message = "",
        threadId = "",
        document = "",
      ] = await requester.ask(...command);
      return {
        outcome,
        hresult: Number(hresult),
        applicationHresult: Number(applicationHresult),
        message,
        threadId,
        document,
      };
    },
    end: () => requester.end(),
    kill: () => requester.kill(),
  };
}
