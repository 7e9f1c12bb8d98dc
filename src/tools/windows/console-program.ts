/** Console programs of Windows: what they write is in a code page that only Windows can decode. */
import { existsSync } from "node:fs";
import { join } from "node:path";

import { WsbError, errorText } from "../../base/errors.ts";
import { lateChildProcess } from "../../base/late-modules.ts";
import type { NativeBinding } from "../../runtime/native/binding.ts";

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

/** Returns the path of a program of System32. @throws {@link WsbError} `ERR_WSB_PROGRAM` when it is missing. */
export function requireProgram(api: ConsoleApi, name: string): string {
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

/**
 * Runs a program of Windows' System32 without input, and returns what it wrote.
 *
 * @throws {@link WsbError} `ERR_WSB_PROGRAM` with the end of what it wrote when it is missing, fails, or
 * does not end within two minutes; the signal's reason when the signal aborts.
 */
export async function runConsoleProgram(
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
