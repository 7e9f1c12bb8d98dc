import { hash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WsbError, errorText } from "../src/base/errors.ts";
import { choose, ciSystems, kinds, packageManagers } from "./choices.ts";
import type { ProjectFile, Choices } from "./layers.ts";

/** Name of the record in a project. */
export const recordFile = ".wsb-addin-scaffold.json";

/** What the kit remembers of a project, so that it can keep its own files up to date. */
export interface ScaffoldRecord {
  readonly kind: Choices["kind"];
  /** Continuous integration that the project has a workflow of the kit's for. */
  readonly ci: readonly Choices["ci"][];
  readonly packageManager: Choices["packageManager"];
  /** The kit's files by path, each with the digest of what the kit wrote. */
  readonly files: ReadonlyMap<string, string>;
}

const about =
  "What the kit made and keeps up to date (wsb-addin upgrade). A file that was changed since is its owner's.";

/** Digest of a text file, the same with the line ends of Windows, which git may give it. */
export function digestOf(content: string): string {
  return hash("sha256", content.replaceAll("\r\n", "\n"));
}

/** The record of the kit's files among those whose contents are given by their paths. */
export function recordOf(
  choices: Choices,
  files: readonly ProjectFile[],
  contents: ReadonlyMap<string, string | Buffer>,
): ScaffoldRecord {
  const { kind, ci, packageManager } = choices;
  const owned = files
    .filter(({ isKitOwned }) => isKitOwned)
    .map(({ path }) => {
      const content = contents.get(path);
      if (content === undefined) throw new Error(`Nothing was made of ${path}.`);
      return [path, digestOf(content.toString())] as const;
    });
  return { kind, ci: ci === "none" ? [] : [ci], packageManager, files: new Map(owned) };
}

/** Text of a record's file. */
export function formatRecord({ kind, ci, packageManager, files }: ScaffoldRecord): string {
  const sorted = [...files].toSorted(([one], [other]) => (one < other ? -1 : 1));
  const document = { about, kind, ci, packageManager, files: Object.fromEntries(sorted) };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Writes the record into a folder that has none. */
export function writeRecord(folder: string, record: ScaffoldRecord): void {
  writeFileSync(join(folder, recordFile), formatRecord(record), { flag: "wx" });
}

/**
 * Reads a project's record.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` when there is none, or none that makes sense.
 */
export function readRecord(folder: string): ScaffoldRecord {
  const path = join(folder, recordFile);
  const advice = "Run the command in a folder that create-wsb-addin made.";
  if (!existsSync(path)) {
    throw new WsbError("ERR_WSB_INVALID_ARGUMENT", `There is no ${path}. ${advice}`);
  }
  try {
    return parseRecord(readFileSync(path, "utf8"));
  } catch (error) {
    const reason = `Cannot read ${path}: ${errorText(error)}. Restore it from version control.`;
    throw new WsbError("ERR_WSB_INVALID_ARGUMENT", reason, { cause: error });
  }
}

function parseRecord(text: string): ScaffoldRecord {
  const document: unknown = JSON.parse(text);
  const fields = new Map(Object.entries(Object(document)));
  const kind = choose(kinds, String(fields.get("kind")));
  const packageManager = choose(packageManagers, String(fields.get("packageManager")));
  const systems: unknown = fields.get("ci");
  if (kind === undefined || packageManager === undefined || !Array.isArray(systems)) {
    throw new Error("it is not a record of the kit's");
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
