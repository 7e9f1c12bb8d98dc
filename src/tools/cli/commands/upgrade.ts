import { resolve } from "node:path";

import { Command } from "commander";

import { setAction } from "../shared/command.ts";
import { EXIT } from "../shared/exit-code.ts";
import { loadGrower } from "../shared/grower.ts";
import { showGrowth } from "../shared/show-growth.ts";

export function upgradeCommand(): Command {
  const command = new Command("upgrade")
    .description("bring the kit's files in a project up to date, and leave its owner's alone")
    .option("--project <folder>", "folder of the project", ".")
    .option("--dry-run", "show the differences only");
  return setAction<{ project: string; dryRun?: boolean }>(
    command,
    "anywhere",
    async (options, { output }) => {
      const grower = await loadGrower();
      const projectFolder = resolve(options.project);
      // The difference is on the screen before a file is touched.
      const planned = await grower.upgrade({ projectFolder, isDryRun: true });
      showGrowth(output, planned, true);
      for (const file of planned.removed) output.line(`Would remove ${file}`);
      for (const file of planned.ownersFiles) output.line(`Left alone, changed since: ${file}`);
      const { created, changed, removed } = planned;
      const isCurrent = created.length + changed.length + removed.length === 0;
      const isDryRun = options.dryRun === true;
      if (!isDryRun && !isCurrent) {
        await grower.upgrade({ projectFolder, isDryRun });
        output.line("Done.");
      }
      if (isCurrent && planned.todo.length === 0) {
        output.line("The kit's files are up to date.");
      }
      output.json({ ok: true, dryRun: isDryRun, ...planned });
      return EXIT.done;
    },
  );
}
