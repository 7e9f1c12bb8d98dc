import { readFileSync } from "node:fs";

import { Command } from "commander";

import { packageFile } from "../../base/package-root.ts";
import { bootRecoveryCommand } from "./commands/boot-recovery.ts";
import { buildCommand } from "./commands/build.ts";
import { cloudCommand } from "./commands/cloud.ts";
import { devCommand } from "./commands/dev.ts";
import { dscCommand } from "./commands/dsc.ts";
import { doctorCommand } from "./commands/doctor.ts";
import { exportCommand } from "./commands/export.ts";
import { generateCommand } from "./commands/generate.ts";
import { labCommand } from "./commands/lab.ts";
import { logCommand } from "./commands/log.ts";
import { packCommand } from "./commands/pack.ts";
import { recoverCommand } from "./commands/recover.ts";
import { registerCommand } from "./commands/register.ts";
import { shimCommand } from "./commands/shim.ts";
import { simulateCommand } from "./commands/simulate.ts";
import { statusCommand } from "./commands/status.ts";
import { unregisterCommand } from "./commands/unregister.ts";
import { upgradeCommand } from "./commands/upgrade.ts";
import { writerCommand } from "./commands/writer.ts";
import { EXIT_CODES } from "./run-program.ts";

/** Creates the whole command line. */
export function createProgram(): Command {
  const { version }: { version: string } = JSON.parse(
    readFileSync(packageFile("package.json"), "utf8"),
  );
  return new Command("wsb-addin")
    .description("Write, register and test Windows Server Backup add-ins in TypeScript")
    .version(version)
    .addCommand(buildCommand())
    .addCommand(devCommand())
    .addCommand(registerCommand())
    .addCommand(unregisterCommand())
    .addCommand(statusCommand())
    .addCommand(writerCommand())
    .addCommand(doctorCommand())
    .addCommand(recoverCommand())
    .addCommand(bootRecoveryCommand())
    .addCommand(simulateCommand())
    .addCommand(logCommand())
    .addCommand(exportCommand())
    .addCommand(packCommand())
    .addCommand(dscCommand())
    .addCommand(shimCommand())
    .addCommand(cloudCommand())
    .addCommand(labCommand())
    .addCommand(generateCommand())
    .addCommand(upgradeCommand())
    .showHelpAfterError("Run with --help for usage.")
    .addHelpText("after", EXIT_CODES);
}
