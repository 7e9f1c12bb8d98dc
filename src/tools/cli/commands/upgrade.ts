import { resolve } from "node:path";

import { Command } from "commander";

import { list, string } from "../../../base/document/kinds.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { loadGenerator } from "../shared/load-generator.ts";
import { changesFields, showChanges } from "../shared/show-changes.ts";

const document = commandDocument(
  "Output of upgrade: the generated files in the project were updated.",
  {
    ...changesFields,
    removed: list(string).about("Files of the shim's source that this version does not have."),
    ownersFiles: list(string).about(
      "Generated files that somebody changed or removed, and that stay unchanged.",
    ),
  },
);

interface UpgradeOptions {
  readonly project: string;
  readonly dryRun?: boolean;
}

export function upgradeCommand(): Command {
  const command = new Command("upgrade")
    .description("update the generated files in a project; files that you changed stay unchanged")
    .option("--project <folder>", "folder of the project", ".")
    .option("--dry-run", "show the changes without making them");
  return setAction(command, "anywhere", document, async (options: UpgradeOptions, { output }) => {
    const generator = await loadGenerator();
    const projectFolder = resolve(options.project);
    // Show the differences before any file is changed.
    const planned = await generator.upgrade({ projectFolder, isDryRun: true });
    showChanges(output, planned, "planned");
    for (const file of planned.removed) output.line(`Would remove ${file}`);
    for (const file of planned.ownersFiles)
      output.line(`Not upgraded, because you changed or removed it: ${file}`);
    const { created, changed, removed } = planned;
    const isCurrent = created.length + changed.length + removed.length === 0;
    const isDryRun = options.dryRun === true;
    if (!isDryRun && !isCurrent) {
      await generator.upgrade({ projectFolder, isDryRun });
      output.line("Done.");
    }
    if (isCurrent && planned.todo.length === 0) {
      output.line("The generated files are up to date.");
    }
    output.json({ ok: true, dryRun: isDryRun, ...planned });
    return EXIT.done;
  });
}
