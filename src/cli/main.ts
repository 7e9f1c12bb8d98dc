#!/usr/bin/env node
import { readFileSync } from "node:fs";

import { Command, CommanderError } from "commander";

import { buildCommand } from "./commands/build.ts";
import { cloudCommand } from "./commands/cloud.ts";
import { dscCommand } from "./commands/dsc.ts";
import { exportCommand } from "./commands/export.ts";
import { labCommand } from "./commands/lab.ts";
import { recoverCommand } from "./commands/recover.ts";
import { registerCommand } from "./commands/register.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { statusCommand } from "./commands/status.ts";
import { unregisterCommand } from "./commands/unregister.ts";
import { WsbError } from "../errors.ts";
import { EXIT } from "./exit-code.ts";
import { createOutput, errorDocument } from "./output.ts";

const packageFile = new URL("../../package.json", import.meta.url);
const { version }: { version: string } = JSON.parse(readFileSync(packageFile, "utf8"));

const program = new Command("wsb-addin")
  .description("Windows Server Backup add-ins in TypeScript")
  .version(version)
  .addCommand(buildCommand())
  .addCommand(registerCommand())
  .addCommand(unregisterCommand())
  .addCommand(statusCommand())
  .addCommand(recoverCommand())
  .addCommand(simulateCommand())
  .addCommand(exportCommand())
  .addCommand(dscCommand())
  .addCommand(cloudCommand())
  .addCommand(labCommand())
  .showHelpAfterError("(--help lists what there is)")
  .addHelpText(
    "after",
    `
Exit codes: 0 done, or so already · 1 failed · 2 wrong usage or manifest
            3 conflict · 5 needs an elevated prompt · 6 not all undone`,
  );

/** Makes commander throw for wrong usage in every command, so that the exit code is ours. */
function throwOnUsage(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwOnUsage);
}
throwOnUsage(program);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // --help and --version end here too, with 0; a command group without a command shows its help.
  process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error.exitCode !== 0) {
    const usage = new WsbError("ERR_WSB_INVALID_ARGUMENT", error.message);
    const asJson = process.argv.includes("--json");
    createOutput("", asJson).json({ ok: false, error: errorDocument(usage) });
  }
}
