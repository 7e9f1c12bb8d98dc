import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import { Command, Option } from "commander";

import { makeFolders } from "../../../base/make-folders.ts";
import { list, literal, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { fileError } from "../../../base/file-error.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import { SERVER_FILE, type Manifest } from "../../../runtime/manifest/manifest.ts";
import { withoutWriter } from "../../export/without-writer.ts";
import type { ExportContext, ExportedFile } from "../../export/format.ts";
import { EXPORT_FORMATS, isExportFormat, type ExportFormatName } from "../../export/index.ts";
import { checkWindowsPath, fileNameOf, joinWindowsPath } from "../../export/paths.ts";
import { planRegistration } from "../../registration/plan.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";

const document = commandDocument(
  "Output of export: the registration in another format. Without --out, the document contains the file.",
  {
    ok: literal(true),
    format: string.about("The value of --format."),
    files: list(string).about("Paths of the written files. Only with --out.").optional(),
    fileName: string.about("A name for the file. Only without --out.").optional(),
    content: string
      .about("The file's bytes. Only without --out.", { contentEncoding: "base64" })
      .optional(),
  },
);

type Context = ContextOf<typeof document>;

interface ExportOptions {
  readonly manifest: string;
  readonly format: string;
  readonly node: string;
  readonly folder?: string;
  readonly out?: string;
  readonly undo?: boolean;
  readonly json?: boolean;
}

const NAMES = Object.keys(EXPORT_FORMATS);

function formatName(name: string): ExportFormatName {
  if (isExportFormat(name)) return name;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `Unknown --format ${JSON.stringify(name)}. Use one of ${NAMES.join(", ")}.`,
  );
}

function contextOf(manifest: Manifest, options: ExportOptions): ExportContext {
  const start = options.format === "wxs" ? "drive or property" : "drive";
  const folder = checkWindowsPath(
    "--folder",
    options.folder ?? `C:\\Program Files\\${manifest.name}`,
    start,
  ).replace(/\\+$/u, "");
  const nodeExe = checkWindowsPath("--node", options.node, start);
  return {
    manifest,
    folder,
    fileName: fileNameOf(manifest.name, manifest.writerId),
    installation: { nodeExe, serverScript: joinWindowsPath(folder, SERVER_FILE) },
  };
}

function writeFiles(folder: string, files: readonly ExportedFile[]): readonly string[] {
  try {
    makeFolders(folder);
    return files.map(({ fileName, content }) => {
      const path = join(folder, fileName);
      writeFileSync(path, content);
      return path;
    });
  } catch (error) {
    throw fileError(`Cannot write to --out ${folder}`, "Choose another folder.", error);
  }
}

function fileToPrint(
  files: readonly ExportedFile[],
  options: ExportOptions,
  undoHint: string,
): ExportedFile {
  const role = options.undo === true ? "undo" : "main";
  const file = files.find((one) => one.role === role);
  if (file !== undefined) return file;
  throw new WsbError(
    "ERR_WSB_INVALID_ARGUMENT",
    `The format ${options.format} has no file for --undo. ${undoHint}`,
  );
}

function defineCommand(): Command {
  const summaries = Object.entries(EXPORT_FORMATS).map(
    ([name, { summary }]) => `  ${name.padEnd(8)}${summary}`,
  );
  return new Command("export")
    .description("write the registration as a file for another tool; runs on any system")
    .addOption(
      new Option("--format <format>", `one of ${NAMES.join(", ")}`).makeOptionMandatory(true),
    )
    .option("--manifest <file>", "manifest of the add-in", "wsb-addin.json")
    .option(
      "--node <path>",
      "path of node.exe on the target machines",
      "C:\\Program Files\\nodejs\\node.exe",
    )
    .option(
      "--folder <path>",
      "path of the built add-in there (default: C:\\Program Files\\<name>)",
    )
    .option("--out <folder>", "output folder, instead of stdout")
    .option("--undo", "print the file that removes the registration")
    .addHelpText("after", `\nFormats:\n${summaries.join("\n")}`);
}

function writeToFolder(
  folder: string,
  files: readonly ExportedFile[],
  { format }: ExportOptions,
  { output }: Context,
): void {
  const paths = writeFiles(resolve(folder), files);
  for (const path of paths) output.line(path);
  output.json({ ok: true, format, files: paths });
}

function print(
  { fileName, content }: ExportedFile,
  options: ExportOptions,
  { output }: Context,
): void {
  if (options.json !== true) process.stdout.write(content);
  output.json({
    ok: true,
    format: options.format,
    fileName,
    content: Buffer.from(content).toString("base64"),
  });
}

export function exportCommand(): Command {
  const command = defineCommand();
  return setAction(command, "anywhere", document, async (options: ExportOptions, context) => {
    const { undoHint, registersWriter, warnings, write } =
      EXPORT_FORMATS[formatName(options.format)];
    const manifest = loadManifest(manifestPath(options.manifest));
    const exported = contextOf(manifest, options);
    const plan = planRegistration(manifest, exported.installation);
    const files = write(plan, exported);
    for (const warning of warnings?.(plan) ?? []) context.output.note(`Note: ${warning}`);
    const notice = registersWriter === true ? [] : withoutWriter(manifest);
    if (notice.length > 0) context.output.note(`Note: ${notice.join(" ")}`);
    if (options.out !== undefined) writeToFolder(options.out, files, options, context);
    else print(fileToPrint(files, options, undoHint), options, context);
    return EXIT.done;
  });
}
