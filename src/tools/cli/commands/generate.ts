import { resolve } from "node:path";

import { Command } from "commander";

import type { Part } from "../../../base/generator.ts";
import type { TypeOfFields } from "../../../base/document/fields.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, type CommandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { loadGenerator } from "../shared/load-generator.ts";
import { changesFields, showChanges } from "../shared/show-changes.ts";

interface GenerateOptions {
  readonly project: string;
  readonly dryRun?: boolean;
  /** Only of a writer. */
  readonly kind?: string;
  /** Only of a writer. */
  readonly files?: string;
}

const documents: Readonly<
  Record<Part["kind"], CommandDocument<TypeOfFields<typeof changesFields>>>
> = {
  handler: commandDocument(
    "Output of generate handler: the changes in the project.",
    changesFields,
  ),
  dotnet: commandDocument("Output of generate dotnet: the changes in the project.", changesFields),
  writer: commandDocument("Output of generate writer: the changes in the project.", changesFields),
  check: commandDocument("Output of generate check: the changes in the project.", changesFields),
  ci: commandDocument("Output of generate ci: the changes in the project.", changesFields),
  cloud: commandDocument("Output of generate cloud: the changes in the project.", changesFields),
};

/** Creates the command for one kind of part; `name` describes its argument, if it takes one. */
function partCommand(kind: Part["kind"], description: string, name?: string): Command {
  const command = new Command(kind)
    .description(description)
    .option("--project <folder>", "folder of the project", ".")
    .option("--dry-run", "show the changes without making them");
  if (name !== undefined) command.argument("<name>", name);
  return setAction(
    command,
    "anywhere",
    documents[kind],
    async (options: GenerateOptions, { output }) => {
      const part = partOf(kind, command.args, options);
      const isDryRun = options.dryRun === true;
      const generator = await loadGenerator();
      const projectFolder = resolve(options.project);
      const changes = await generator.generate({ part, projectFolder, isDryRun });
      showChanges(output, changes, isDryRun ? "planned" : "made");
      output.json({ ok: true, dryRun: isDryRun, ...changes });
      return EXIT.done;
    },
  );
}

function partOf(
  kind: Part["kind"],
  [name = ""]: readonly string[],
  { kind: writer = "", files }: GenerateOptions,
): Part {
  if (kind === "cloud") return { kind };
  if (kind !== "writer") return { kind, name };
  return { kind, name: writer, ...(files === undefined ? {} : { files }) };
}

function writerCommand(): Command {
  return partCommand("writer", "a VSS writer, for an application that has none")
    .option(
      "--kind <kind>",
      "service: the application must hold still while the shadow copy is made; declared: it need not",
      "service",
    )
    .option(
      "--files <folder>",
      "folder of the application's files (default: %ProgramData%\\<name>)",
    );
}

export function generateCommand(): Command {
  return new Command("generate")
    .description("add a part to a project; never overwrites a file")
    .addCommand(
      partCommand(
        "handler",
        "a handler with its test, listed in src/addin.ts",
        "isRollForwardSupported, orderComponents, beforeServicesStop, preRestore, postRestore, afterServicesStart, restoreAbandoned or checkConsistency",
      ),
    )
    .addCommand(
      partCommand(
        "dotnet",
        "a handler in C# with its test, listed in src/addin.ts",
        "isRollForwardSupported, orderComponents, preRestore, postRestore or checkConsistency",
      ),
    )
    .addCommand(writerCommand())
    .addCommand(
      partCommand(
        "check",
        "a consistency check with its test",
        "its name, for example ledger-files",
      ),
    )
    .addCommand(partCommand("ci", "a workflow that builds, tests and packs", "github or azure"))
    .addCommand(partCommand("cloud", "the files of a cloud backup provider"));
}
