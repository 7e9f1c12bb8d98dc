import { parseWriters, type WriterInstance } from "../../base/vss-writers.ts";
import { runConsoleProgram, type ConsoleApi } from "../windows/console-program.ts";
import type { WindowsPrograms } from "./check.ts";
import { parseVolumes } from "./volumes.ts";

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => (answer ??= ask());
}

async function listWriters(
  api: ConsoleApi,
  signal: AbortSignal,
): Promise<readonly WriterInstance[]> {
  return parseWriters(await runConsoleProgram(api, "vssadmin.exe", ["list", "writers"], signal));
}

/** Returns the programs of this Windows; each runs once, when it is asked first. */
export function windowsPrograms(api: ConsoleApi, signal: AbortSignal): WindowsPrograms {
  return {
    writers: once(() => listWriters(api, signal)),
    // Without parameters, it shows the schedule and changes nothing.
    scheduledVolumes: once(async () =>
      parseVolumes(await runConsoleProgram(api, "wbadmin.exe", ["enable", "backup"], signal)),
    ),
  };
}
