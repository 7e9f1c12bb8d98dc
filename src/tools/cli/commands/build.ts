import { dirname, resolve } from "node:path";

import { Command } from "commander";

import { list, literal, string } from "../../../base/document/kinds.ts";
import { bundleAddin } from "../../build/bundle-addin.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";

const document = commandDocument("Output of build: the add-in was built.", {
  ok: literal(true),
  files: list(string).about("Paths of the written files."),
});

interface BuildOptions {
  readonly manifest: string;
  readonly entry: string;
  readonly writerEntry: string;
  readonly out: string;
}

export function buildCommand(): Command {
  const command = new Command("build")
    .description(
      "bundle the add-in, and the writer of a service, into one folder that needs no node_modules",
    )
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option(
      "--entry <file>",
      "module that exports the add-in, relative to the manifest",
      "src/addin.ts",
    )
    .option(
      "--writer-entry <file>",
      "module that exports the writer of a service, relative to the manifest",
      "src/writer.ts",
    )
    .option("--out <folder>", "output folder, relative to the manifest", "dist");
  return setAction(
    command,
    "anywhere",
    document,
    async ({ manifest, entry, writerEntry, out }: BuildOptions, { output }) => {
      const manifestFile = manifestPath(manifest);
      const projectFolder = dirname(manifestFile);
      const { files } = await bundleAddin({
        manifestFile,
        entry: resolve(projectFolder, entry),
        writerEntry: resolve(projectFolder, writerEntry),
        outFolder: resolve(projectFolder, out),
      });
      output.line(`Built ${resolve(projectFolder, out)}.`);
      output.json({ ok: true, files });
      return EXIT.done;
    },
  );
}
