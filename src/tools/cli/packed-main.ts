/**
 * The command line of a packed add-in, for a server that has neither Node.js nor the kit: what an
 * administrator does there. Importing it runs it.
 */
import { win32 } from "node:path";

import { Command } from "commander";

import { isPackedExe } from "../../base/packed.ts";
import { bootRecoveryCommand } from "./commands/boot-recovery.ts";
import { recoverCommand } from "./commands/recover.ts";
import { registerCommand } from "./commands/register.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { statusCommand } from "./commands/status.ts";
import { unregisterCommand } from "./commands/unregister.ts";
import { EXIT_CODES, runProgram } from "./run-program.ts";

const program = new Command(isPackedExe() ? win32.basename(process.execPath) : "wsb-addin")
  .description("Windows Server Backup add-in")
  .addCommand(registerCommand())
  .addCommand(unregisterCommand())
  .addCommand(statusCommand())
  .addCommand(recoverCommand())
  .addCommand(bootRecoveryCommand())
  .addCommand(simulateCommand())
  .showHelpAfterError("(--help lists what there is)")
  .addHelpText("after", EXIT_CODES);

// Not awaited at the top: in an exe this is a CommonJS module, which cannot.
void runProgram(program);
