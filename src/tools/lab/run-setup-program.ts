import { WsbError } from "../../base/errors.ts";
import type { WineLab } from "./lab.ts";
import { captureInLab } from "./run.ts";

/**
 * Runs a program that makes a part of the lab.
 *
 * @throws {@link WsbError} `ERR_WSB_LAB` with the program's output when it fails.
 */
export async function runSetupProgram(
  lab: WineLab,
  program: string,
  args: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const { exitCode, output } = await captureInLab(lab, program, args, { cwd: "/", signal });
  if (exitCode === 0) return;
  throw new WsbError(
    "ERR_WSB_LAB",
    `${[program, ...args].join(" ")} ended with exit code ${String(exitCode)} in ${lab.prefix}. ${output.trim()} Make the lab again: wsb-addin lab down, wsb-addin lab up.`,
  );
}
