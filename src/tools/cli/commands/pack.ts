import { dirname, relative, resolve } from "node:path";

import { Command, Option } from "commander";

import { loadManifest } from "../../../runtime/manifest/load.ts";
import { withoutWriter } from "../../export/without-writer.ts";
import { labFolder } from "../../lab/folder.ts";
import type { Definition } from "../../../base/document/definition.ts";
import { fields } from "../../../base/document/fields.ts";
import { choice, list, literal, string } from "../../../base/document/kinds.ts";
import type { Artifact, PackFormat, PackOptions, PayloadForm } from "../../pack/pack.ts";
import type { SignOptions } from "../../pack/sign.ts";
import { setAction } from "../shared/command.ts";
import { commandDocument, open } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath, readInput } from "../shared/installation.ts";

const artifact: Definition<Artifact> = fields(
  {
    format: choice(["folder", "exe", "zip", "msi"]),
    path: string.about("The package."),
    bom: string.about("Its bill of materials, in CycloneDX."),
    sha256: string.about("SHA-256 of the package, in hexadecimal; absent for a folder.").optional(),
  },
  open,
);

const document = commandDocument("Output of pack: the packages.", {
  ok: literal(true),
  artifacts: list(artifact).about("The packages."),
});

interface PackCommandOptions {
  readonly manifest: string;
  readonly entry: string;
  readonly format: readonly PackFormat[];
  readonly payload: PayloadForm;
  readonly out: string;
  readonly node?: string;
  readonly icon?: string;
  readonly productVersion?: string;
  readonly publisher?: string;
  readonly upgradeCode?: string;
  readonly sign?: boolean;
  readonly certificate?: string;
  readonly passwordEnv: string;
  readonly thumbprint?: string;
  readonly timestamp?: string;
}

function addFormatOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--format <format...>", "one or more formats")
        .choices(["folder", "exe", "zip", "msi"])
        .default(["folder"]),
    )
    .addOption(
      new Option("--payload <form>", "contents of a zip or msi: node.exe and files, or one exe")
        .choices(["folder", "exe"])
        .default("folder"),
    )
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option(
      "--entry <file>",
      "module that exports the add-in, relative to the manifest",
      "src/addin.ts",
    )
    .option("--out <folder>", "output folder, relative to the manifest", "packed")
    .option("--node <file>", "Windows node.exe to pack (default: the running one, or the lab's)");
}

function addProductOptions(command: Command): Command {
  return command
    .option("--icon <file>", "icon of the exe, an .ico file")
    .option("--product-version <version>", "version that Windows shows (default: package.json's)")
    .option("--publisher <name>", "company that Windows shows (default: package.json's author)")
    .option("--upgrade-code <guid>", "upgrade code, to replace another MSI package");
}

function addSigningOptions(command: Command): Command {
  return command
    .option("--sign", "sign shim, exe and msi; uses signtool on Windows, osslsigncode elsewhere")
    .option(
      "--certificate <file>",
      "PKCS#12 file with the certificate (signtool: default the best in the store)",
    )
    .option(
      "--password-env <name>",
      "environment variable with its password",
      "WSB_ADDIN_SIGN_PASSWORD",
    )
    .option("--thumbprint <sha1>", "certificate in a Windows certificate store")
    .option("--timestamp <url>", "URL of the time stamp server");
}

function signOptionsOf(options: PackCommandOptions): SignOptions | undefined {
  if (options.sign !== true) return undefined;
  const { certificate, passwordEnv, thumbprint, timestamp } = options;
  return {
    certificate: certificate === undefined ? undefined : resolve(certificate),
    passwordVariable: passwordEnv,
    thumbprint,
    timestampUrl: timestamp,
  };
}

function packOptionsOf(options: PackCommandOptions, signal: AbortSignal): PackOptions {
  const manifestFile = manifestPath(options.manifest);
  const projectFolder = dirname(manifestFile);
  const { icon, productVersion, publisher, upgradeCode } = options;
  return {
    manifestFile,
    entry: resolve(projectFolder, options.entry),
    outFolder: resolve(projectFolder, options.out),
    formats: [...new Set(options.format)],
    payload: options.payload,
    node: options.node,
    downloadFolder: labFolder(),
    icon: icon === undefined ? undefined : readInput(icon),
    product: { version: productVersion, publisher, upgradeCode },
    sign: signOptionsOf(options),
    signal,
  };
}

function fromHere(path: string): string {
  return relative(process.cwd(), path);
}

export function packCommand(): Command {
  const command = new Command("pack").description(
    "pack the add-in for servers without Node.js, with a bill of materials",
  );
  addSigningOptions(addProductOptions(addFormatOptions(command)));
  return setAction(
    command,
    "anywhere",
    document,
    async (options: PackCommandOptions, { output, signal }) => {
      // Loaded here, because no other command needs it.
      const { packAddin } = await import("../../pack/pack.ts");
      const artifacts = await packAddin(packOptionsOf(options, signal));
      for (const { path, bom } of artifacts) {
        output.line(`Packed ${fromHere(path)} (materials: ${fromHere(bom)}).`);
      }
      if (artifacts.some(({ format }) => format === "msi")) {
        const notice = withoutWriter(loadManifest(manifestPath(options.manifest)));
        if (notice.length > 0) output.note(`Note on the msi: ${notice.join(" ")}`);
      }
      output.json({ ok: true, artifacts });
      return EXIT.done;
    },
  );
}
