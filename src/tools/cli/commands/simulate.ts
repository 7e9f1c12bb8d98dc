import { Command } from "commander";

import { backupCommand } from "./simulate-backup.ts";
import { restoreCommand } from "./simulate-restore.ts";

export function simulateCommand(): Command {
  return new Command("simulate")
    .description("call the registered add-in as Windows Server Backup does")
    .addCommand(restoreCommand())
    .addCommand(backupCommand());
}
