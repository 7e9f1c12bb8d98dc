import { dirname, relative, resolve } from "node:path";

import { Command } from "commander";

import { SHIM_FOLDER } from "../../../base/shim-source.ts";
import { buildPackages, ejectShim } from "../../build/own-shim.ts";
import { setAction } from "../shared/command.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";

interface ShimOptions {
  readonly manifest: string;
}

function ejectCommand(): Command {
  const command = new Command("eject")
    .description("copy the shim's C++ source into the project, to change and build it")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option("--out <folder>", "folder to copy into, beside the manifest", SHIM_FOLDER);
  return setAction<ShimOptions & { out: string }>(
    command,
    "anywhere",
    async ({ manifest, out }, { output }) => {
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
    .description("build the project's own shim; from then on the add-in uses it")
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json");
  return setAction<ShimOptions>(command, "anywhere", async ({ manifest }, { output, signal }) => {
    // Loaded here, because every other command does without it.
    const { buildShim } = await import("../../build/build-shim.ts");
    const shim = await buildShim(dirname(manifestPath(manifest)), signal);
    output.line(`Built ${relative(process.cwd(), shim)}.`);
    output.json({ ok: true, shim });
    return EXIT.done;
  });
}

export function shimCommand(): Command {
  return new Command("shim")
    .description("a shim of one's own instead of the prebuilt one")
    .addCommand(ejectCommand())
    .addCommand(buildCommand());
}
