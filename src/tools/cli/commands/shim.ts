import { dirname, relative, resolve } from "node:path";

import { Command } from "commander";

import { list, literal, string } from "../../../base/document/kinds.ts";
import { SHIM_FOLDER } from "../../../base/shim-source.ts";
import { buildPackages, ejectShim } from "../../build/own-shim.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";

const ejectDocument = commandDocument("Output of shim eject: the shim's source in the project.", {
  ok: literal(true),
  folder: string.about("Folder of the source."),
  files: list(string).about("The files, relative to the folder."),
  packages: list(string).about("npm packages that the build needs."),
});

const buildDocument = commandDocument("Output of shim build: the project's shim.", {
  ok: literal(true),
  shim: string.about("Path of the shim."),
});

interface ShimOptions {
  readonly manifest: string;
}

function ejectCommand(): Command {
  const command = new Command("eject")
    .description("copy the shim's C++ source into the project")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--out <folder>", "folder for the source, relative to the manifest", SHIM_FOLDER);
  return setAction(
    command,
    "anywhere",
    ejectDocument,
    async ({ manifest, out }: ShimOptions & { out: string }, { output }) => {
      const folder = resolve(dirname(manifestPath(manifest)), out);
      const files = ejectShim(folder);
      const packages = buildPackages();
      output.line(`Copied the shim's source into ${relative(process.cwd(), folder)}. Build it:`);
      output.line(`  npm install --save-dev --save-exact ${packages.join(" ")}`);
      output.line("  npx wsb-addin shim build");
      output.json({ ok: true, folder, files, packages });
      return EXIT.done;
    },
  );
}

function buildCommand(): Command {
  const command = new Command("build")
    .description("build the shim from the project's source; the add-in then uses it")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json");
  return setAction(
    command,
    "anywhere",
    buildDocument,
    async ({ manifest }: ShimOptions, { output, signal }) => {
      // Loaded here, because no other command needs it.
      const { buildShim } = await import("../../build/build-shim.ts");
      const shim = await buildShim(dirname(manifestPath(manifest)), signal);
      output.line(`Built ${relative(process.cwd(), shim)}.`);
      output.json({ ok: true, shim });
      return EXIT.done;
    },
  );
}

export function shimCommand(): Command {
  return new Command("shim")
    .description("replace the prebuilt shim with one built from source")
    .addCommand(ejectCommand())
    .addCommand(buildCommand());
}
