import { CommanderError, type Command } from "commander";

import { WsbError } from "../../base/errors.ts";
import { EXIT } from "./shared/exit-code.ts";
import { printFailure } from "./shared/output.ts";

/** The end of the help: the meaning of the exit codes. */
export const EXIT_CODES: string = `
Exit codes: 0 done, or so already · 1 failed · 2 wrong usage or manifest
            3 conflict · 5 needs an elevated prompt · 6 not all undone`;

/** Makes commander throw for wrong usage in each command, so that this module sets the exit code. */
function throwOnUsage(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwOnUsage);
}

/** Runs a command line and sets the process's exit code. */
export async function runProgram(program: Command): Promise<void> {
  throwOnUsage(program);
  try {
    await program.parseAsync();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // --help and --version end here too, with 0; a command group without a command shows its help.
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    if (error.exitCode !== 0) {
      const usage = new WsbError("ERR_WSB_INVALID_ARGUMENT", error.message);
      if (process.argv.includes("--json")) printFailure("", usage);
    }
  }
}
