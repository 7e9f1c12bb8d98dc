import { existsSync } from "node:fs";
import { join } from "node:path";

import { WsbError, errorText } from "../../base/errors.ts";
import { lateChildProcess } from "../../base/late-modules.ts";
import { parseWriters, type WriterInstance } from "../../base/vss-writers.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";
import type { WindowsPrograms } from "./check.ts";
import { parseVolumes } from "./volumes.ts";

/** The part of the shim that console programs need. */
export type ConsoleApi = Pick<NativeBinding, "codePages" | "decodeText" | "knownFolders">;

interface Ending {
  readonly exitCode: number | null;
  readonly output: string;
}

// vssadmin asks each writer for its state, and a busy writer answers slowly.
const LIMIT_MS = 120_000;
const MAX_BYTES = 16 * 1024 * 1024;
const KEPT_CHARACTERS = 1000;

/**
 * Decodes what a console program wrote to a pipe. A program that shares our console uses its code
 * page; one with a console of its own uses the machine's.
 */
export function decodeConsole(api: Pick<ConsoleApi, "codePages" | "decodeText">): {
  readonly ownsConsole: boolean;
  readonly decode: (bytes: Uint8Array) => string;
} {
  const { console: shared, oem } = api.codePages();
  return {
    ownsConsole: shared === 0,
    decode: (bytes) => api.decodeText(shared === 0 ? oem : shared, bytes),
  };
}

async function runConsole(
  api: ConsoleApi,
  program: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<Ending> {
  const { ownsConsole, decode } = decodeConsole(api);
  const { execFile } = lateChildProcess();
  return new Promise((resolve, reject) => {
    const options = {
      encoding: "buffer",
      // A fixed folder: the program may load libraries from it.
      cwd: join(api.knownFolders().windows, "System32"),
      maxBuffer: MAX_BYTES,
      timeout: LIMIT_MS,
      signal,
      // A hidden window is a console of its own.
      windowsHide: ownsConsole,
    } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      const output = `${decode(stdout)}${decode(stderr)}`;
      if (error === null) resolve({ exitCode: 0, output });
      else if (typeof error.code === "number") resolve({ exitCode: error.code, output });
      else if (error.killed === true && !signal.aborted) resolve({ exitCode: null, output });
      else reject(error);
    });
    child.stdin?.end();
  });
}

function requireProgram(api: ConsoleApi, name: string): string {
  const program = join(api.knownFolders().windows, "System32", name);
  if (existsSync(program)) return program;
  throw new WsbError(
    "ERR_WSB_PROGRAM",
    `${program} is missing. Repair Windows, or install the feature that brings it.`,
  );
}

function endOf(output: string): string {
  return output.trim().slice(-KEPT_CHARACTERS).trim();
}

async function runProgram(
  api: ConsoleApi,
  name: string,
  args: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  const program = requireProgram(api, name);
  let ending: Ending;
  try {
    ending = await runConsole(api, program, args, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new WsbError("ERR_WSB_PROGRAM", `Cannot run ${program}: ${errorText(error)}`, {
      cause: error,
    });
  }
  const { exitCode, output } = ending;
  if (exitCode === 0) return output;
  const how = exitCode === null ? `did not end within ${LIMIT_MS / 1000} s` : "failed";
  const command = [name, ...args].join(" ");
  throw new WsbError(
    "ERR_WSB_PROGRAM",
    [`${command} ${how}${exitCode === null ? "" : ` (${exitCode})`}. It says:`, endOf(output)].join(
      "\n",
    ),
  );
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}

async function listWriters(
  api: ConsoleApi,
  signal: AbortSignal,
): Promise<readonly WriterInstance[]> {
  return parseWriters(await runProgram(api, "vssadmin.exe", ["list", "writers"], signal));
}

/** Returns the programs of this Windows; each runs once, when it is asked first. */
export function windowsPrograms(api: ConsoleApi, signal: AbortSignal): WindowsPrograms {
  return {
    writers: once(() => listWriters(api, signal)),
    // Without parameters, it shows the schedule and changes nothing.
    scheduledVolumes: once(async () =>
      parseVolumes(await runProgram(api, "wbadmin.exe", ["enable", "backup"], signal)),
    ),
  };
}
