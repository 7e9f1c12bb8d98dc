/**
 * The command line of a packed add-in, for administrators of a server without Node.js and wsb-addin.
 * Importing it runs it.
 */
import { win32 } from "node:path";

import { Command } from "commander";

import { isPackedExe } from "../../base/packed.ts";
import { bootRecoveryCommand } from "./commands/boot-recovery.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { logCommand } from "./commands/log.ts";
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
  .addCommand(doctorCommand())
  .addCommand(logCommand())
  .addCommand(recoverCommand())
  .addCommand(bootRecoveryCommand())
  .addCommand(simulateCommand())
  .showHelpAfterError("Run with --help for usage.")
  .addHelpText("after", EXIT_CODES);

// No top-level await: in an exe, this is a CommonJS module.
void runProgram(program);
