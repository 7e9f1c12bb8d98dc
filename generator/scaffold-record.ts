import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Definition } from "../src/base/document/definition.ts";
import { dictionary, fields } from "../src/base/document/fields.ts";
import { anything, choice, list, string } from "../src/base/document/kinds.ts";
import { readText, requireReading } from "../src/base/document/read.ts";
import { WsbError } from "../src/base/errors.ts";
import { fileError } from "../src/base/file-error.ts";
import { kinds, packageManagers } from "./choices.ts";
import type { Choices } from "./project-files.ts";

/** Name of the scaffold record in a project. */
export const scaffoldRecordFile = ".wsb-addin-scaffold.json";

/** Tells a later version of the kit which files of a project it may update. */
export interface ScaffoldRecord {
  readonly kind: Choices["kind"];
  /** CI systems for which the project has one of the kit's workflows. */
  readonly ci: readonly Choices["ci"][];
  readonly packageManager: Choices["packageManager"];
  /** Digests of the kit's files as the kit wrote them, by path. */
  readonly files: ReadonlyMap<string, string>;
}

// A project without workflows has an empty list.
const workflowSystems = ["github", "azure"] as const;

const about =
  "What the kit made and keeps up to date (wsb-addin upgrade). A file that was changed since is its owner's.";

/** Returns the digest of a text file; Windows line ends, which Git may introduce, do not change it. */
export function digestOf(text: string): string {
  return hash("sha256", text.replaceAll("\r\n", "\n"));
}

/** Returns the digests of texts, by path. */
export function digestsOf(texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  return new Map([...texts].map(([path, text]) => [path, digestOf(text)]));
}

/** Creates the scaffold record of a new project from the texts of the kit's files. */
export function createScaffoldRecord(
  { kind, ci, packageManager }: Choices,
  owned: ReadonlyMap<string, string>,
): ScaffoldRecord {
  return { kind, ci: ci === "none" ? [] : [ci], packageManager, files: digestsOf(owned) };
}

/** Formats a scaffold record as the text of its file. */
export function formatScaffoldRecord(record: ScaffoldRecord): string {
  const { kind, ci, packageManager, files } = record;
  const sorted = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const document = { about, kind, ci, packageManager, files: Object.fromEntries(sorted) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

const digest = string.check(
  (text) => (/^[\da-f]{64}$/u.test(text) ? undefined : "must be a SHA-256 digest in hexadecimal"),
  { pattern: "^[0-9a-f]{64}$" },
);

/** `.wsb-addin-scaffold.json`. */
export const scaffoldRecordDefinition: Definition<ScaffoldRecord> = fields({
  about: anything
    .map(() => undefined)
    .about("A sentence for people; the kit does not read it.")
    .optional(),
  kind: choice(kinds).about("Kind of the project."),
  ci: list(choice(workflowSystems)).about(
    "CI systems for which the project has one of the kit's workflows.",
  ),
  packageManager: choice(packageManagers).about("Package manager of the project."),
  files: dictionary(digest).about(
    "SHA-256 of the kit's files as the kit wrote them, by path; line ends count as line feeds.",
  ),
}).map(({ kind, ci, packageManager, files }): ScaffoldRecord => ({
  kind,
  ci,
  packageManager,
  files: new Map(Object.entries(files)),
}));

/**
 * Reads a project's scaffold record.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when it is missing or not valid, `ERR_WSB_FILE`
 * when it cannot be read.
 */
export function readScaffoldRecord(folder: string): ScaffoldRecord {
  const path = join(folder, scaffoldRecordFile);
  if (!existsSync(path)) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `${path} does not exist. Run the command in a folder that create-wsb-addin created.`,
    );
  }
  const nextStep = "Restore it from version control, or update wsb-addin.";
  return requireReading(
    readText(scaffoldRecordDefinition, readRecordText(path, nextStep), "the record"),
    {
      code: "ERR_WSB_INVALID_ARGUMENT",
      heading: `${path} is not a valid scaffold record`,
      nextStep,
    },
  );
}

function readRecordText(path: string, nextStep: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw fileError(`Cannot read ${path}`, nextStep, error);
  }
}
