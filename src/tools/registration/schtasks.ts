import { join } from "node:path";

import { runChild } from "../../base/child-process.ts";
import { machineClock, type Clock } from "../../base/clock.ts";
import { WsbError, errorText } from "../../base/errors.ts";

/** A program in Windows' own folder, whatever the environment of this process was. */
export function system32(file: string): string {
  return join(process.env["SystemRoot"] ?? "C:\\Windows", "System32", file);
}

const LIMIT_MS = 60_000;
// RPC_S_SERVER_UNAVAILABLE and EPT_S_NOT_REGISTERED: shortly after start-up, the scheduler does not
// listen yet.
const NOT_LISTENING: ReadonlySet<number | null> = new Set([1722, 1753]);
const LISTEN_LIMIT_MS = 20_000;
const LISTEN_POLL_MS = 250;

/** What runs schtasks.exe. */
export interface Schtasks {
  /** Returns the exit code, because the output depends on the language of Windows; `null` if it hung. */
  readonly run: (args: readonly string[]) => Promise<number | null>;
  readonly clock: Clock;
}

const machineSchtasks: Schtasks = {
  async run(args) {
    const program = system32("schtasks.exe");
    return (await runChild({ program, args, timeoutMs: LIMIT_MS })).exitCode;
  },
  clock: machineClock,
};

/**
 * Runs schtasks.exe. One that finds no task scheduler is run again for twenty seconds.
 *
 * @param what The attempt, as in "create the start-up task X".
 * @throws {@link WsbError} `ERR_WSB_WINDOWS_API` when it does not end with 0.
 */
export async function schtasks(
  what: string,
  args: readonly string[],
  { run, clock }: Schtasks = machineSchtasks,
): Promise<void> {
  const deadlineMs = clock.now() + LISTEN_LIMIT_MS;
  let ending: string;
  try {
    let code = await run(args);
    while (NOT_LISTENING.has(code) && clock.now() < deadlineMs) {
      await clock.wait(LISTEN_POLL_MS);
      code = await run(args);
    }
    if (code === 0) return;
    ending = code === null ? "no answer within a minute" : `exit code ${code}`;
  } catch (error) {
    ending = errorText(error);
  }
  throw new WsbError(
    "ERR_WSB_WINDOWS_API",
    `Cannot ${what}: schtasks.exe ended with ${ending}. Check that the service Schedule is running, or register without the task: --no-boot-recovery.`,
  );
}
