import { writeFileSync } from "node:fs";
import { resolve } from "node:path";

import { Command } from "commander";

import { choice, literal, string } from "../../../base/document/kinds.ts";
import { WsbError } from "../../../base/errors.ts";
import { fileError } from "../../../base/file-error.ts";
import { loadManifest } from "../../../runtime/manifest/load.ts";
import type { DeclaredWriter, ServiceWriter } from "../../../runtime/manifest/writer.ts";
import { writerDocument } from "../../writer/document.ts";
import { setAction, type ContextOf } from "../shared/command.ts";
import { commandDocument, guid } from "../shared/document.ts";
import { EXIT } from "../shared/exit-code.ts";
import { manifestPath } from "../shared/installation.ts";
import { switchCommands } from "./writer-switch.ts";

const document = commandDocument(
  "Output of writer show: the metadata document of the manifest's writer.",
  {
    ok: literal(true),
    writerId: guid,
    kind: choice(["declared", "service"]),
    metadata: string.about("The metadata document that a backup program gets.").optional(),
    file: string.about("The written file. Only with --out.").optional(),
  },
);

interface ShowOptions {
  readonly manifest: string;
  readonly out?: string;
}

function requireOwn(
  file: string,
  writer: ReturnType<typeof loadManifest>["writer"],
): DeclaredWriter | ServiceWriter {
  if (writer.kind !== "external") return writer;
  throw new WsbError(
    "ERR_WSB_INVALID_MANIFEST",
    `${file} has no components, because the application brings its own writer. Add writer with "kind": "declared" and components; or see its document with: diskshadow, then: list writers detailed`,
  );
}

/** Writes a document as Windows does: UTF-16, with a byte order mark. */
function writeDocument(file: string, text: string): void {
  try {
    writeFileSync(file, Buffer.from(`\uFEFF${text}`, "utf16le"));
  } catch (error) {
    throw fileError(`Cannot write ${file}`, "Choose another --out.", error);
  }
}

function show({ manifest, out }: ShowOptions, { output }: ContextOf<typeof document>): number {
  const file = manifestPath(manifest);
  const read = loadManifest(file);
  const writer = requireOwn(file, read.writer);
  const { writerId } = read;
  const { kind } = writer;
  const metadata = writerDocument(read, writer);
  if (out === undefined) {
    output.line(metadata);
    output.json({ ok: true, writerId, kind, metadata });
    return EXIT.done;
  }
  const path = resolve(out);
  writeDocument(path, metadata);
  output.line(path);
  output.json({ ok: true, writerId, kind, file: path });
  return EXIT.done;
}

function showCommand(): Command {
  const command = new Command("show")
    .description("print the metadata document that backup programs get of the manifest's writer")
    .option("--manifest <file>", "manifest of the application", "wsb-addin.json")
    .option("--out <file>", "write the document to a file in UTF-16, as Windows stores it");
  return setAction(command, "anywhere", document, async (options: ShowOptions, context) =>
    show(options, context),
  );
}

export function writerCommand(): Command {
  const command = new Command("writer")
    .description("look at the writer that the manifest describes, or turn it off and on")
    .addCommand(showCommand());
  for (const one of switchCommands()) command.addCommand(one);
  return command;
}
