import { resolve } from "node:path";

import { Command } from "commander";

import { setAction } from "../shared/command.ts";
import { EXIT } from "../shared/exit-code.ts";
import { loadGrower, type Part } from "../shared/grower.ts";
import { showGrowth } from "../shared/show-growth.ts";

interface GenerateOptions {
  readonly project: string;
  readonly dryRun?: boolean;
}

/** Makes the command of one part; `name` describes the argument of a part that has names. */
function partCommand(kind: Part["kind"], description: string, name?: string): Command {
  const command = new Command(kind)
    .description(description)
    .option("--project <folder>", "folder of the project", ".")
    .option("--dry-run", "show what would be created and changed");
  if (name !== undefined) command.argument("<name>", name);
  return setAction<GenerateOptions>(command, "anywhere", async (options, { output }) => {
    const [text = ""] = command.args;
    const part: Part = kind === "cloud" ? { kind } : { kind, name: text };
    const isDryRun = options.dryRun === true;
    const grower = await loadGrower();
    const projectFolder = resolve(options.project);
    const growth = await grower.generate({ part, projectFolder, isDryRun });
    showGrowth(output, growth, isDryRun);
    output.json({ ok: true, dryRun: isDryRun, ...growth });
    return EXIT.done;
  });
}

export function generateCommand(): Command {
  return new Command("generate")
    .description("add a part to a project; no file is ever written over")
    .addCommand(
      partCommand(
        "handler",
        "a handler with its test, listed in src/addin.ts",
        "isRollForwardSupported, orderComponents, preRestore, postRestore or checkConsistency",
      ),
    )
    .addCommand(
      partCommand(
        "dotnet",
        "a handler in C# with its test, listed in src/addin.ts",
        "isRollForwardSupported, orderComponents, preRestore, postRestore or checkConsistency",
      ),
    )
    .addCommand(partCommand("check", "a consistency check with its test", "such as ledger-files"))
    .addCommand(partCommand("ci", "a workflow that builds, tests and packs", "github or azure"))
    .addCommand(partCommand("cloud", "the files of a cloud backup provider"));
}
