import { hash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WsbError, errorText } from "../src/base/errors.ts";
import { choose, ciSystems, kinds, packageManagers } from "./choices.ts";
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

/**
 * Reads a project's scaffold record.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when it is missing or not valid.
 */
export function readScaffoldRecord(folder: string): ScaffoldRecord {
  const path = join(folder, scaffoldRecordFile);
  if (!existsSync(path)) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `${path} does not exist. Run the command in a folder that create-wsb-addin created.`,
    );
  }
  try {
    return parseScaffoldRecord(readFileSync(path, "utf8"));
  } catch (error) {
    const reason = `Cannot read ${path}: ${errorText(error)}. Restore it from version control.`;
    throw new WsbError("ERR_WSB_INVALID_ARGUMENT", reason, { cause: error });
  }
}

function parseScaffoldRecord(text: string): ScaffoldRecord {
  const document: unknown = JSON.parse(text);
  const fields = new Map(Object.entries(Object(document)));
  const kind = choose(kinds, String(fields.get("kind")));
  const packageManager = choose(packageManagers, String(fields.get("packageManager")));
  const systems: unknown = fields.get("ci");
  if (kind === undefined || packageManager === undefined || !Array.isArray(systems)) {
    throw new Error("it is not a scaffold record");
  }
  const files = Object.entries(Object(fields.get("files"))).map(
    ([path, digest]) => [path, String(digest)] as const,
  );
  return {
    kind,
    ci: systems.flatMap((name) => choose(ciSystems, String(name)) ?? []),
    packageManager,
    files: new Map(files),
  };
}
