import { join } from "node:path";
import { SHIM_FOLDER } from "../src/tools/build/folder.ts";
import type { ToolVersions } from "./answers.ts";
import type { ExistingProject } from "./existing-project.ts";
import { filesOf, layersOf } from "./layers.ts";
import type { Sources } from "./layers.ts";
import { digestOf } from "./record.ts";
import type { ScaffoldRecord } from "./record.ts";
import { readText, render } from "./render.ts";

/** A project without it has no source of a shim. */
const shimMark = `${SHIM_FOLDER}/package.json`;

/** How the kit's files in a project differ from those that this version of the kit would make. */
interface Comparison {
  readonly edits: ReadonlyMap<string, string>;
  readonly created: ReadonlyMap<string, string>;
  /** Files of the shim's source that the kit has no longer. */
  readonly removed: readonly string[];
  /** Files that were the kit's once: changed or removed since, and left as they are. */
  readonly ownersFiles: readonly string[];
}

function compare(
  folder: string,
  record: ScaffoldRecord,
  fresh: ReadonlyMap<string, string>,
): Comparison {
  const edits = new Map<string, string>();
  const created = new Map<string, string>();
  const ownersFiles: string[] = [];
  for (const [path, text] of fresh) {
    const digest = record.files.get(path);
    const current = readText(join(folder, path));
    if (current === undefined && digest === undefined) created.set(path, text);
    else if (current === undefined) ownersFiles.push(path);
    else if (digestOf(current) === digestOf(text)) continue;
    else if (digestOf(current) === digest) edits.set(path, text);
    else ownersFiles.push(path);
  }
  const removed: string[] = [];
  for (const [path, digest] of fresh.has(shimMark) ? record.files : []) {
    const current = readText(join(folder, path));
    if (!isOfShim(path) || fresh.has(path) || current === undefined) continue;
    (digestOf(current) === digest ? removed : ownersFiles).push(path);
  }
  return { edits, created, removed, ownersFiles };
}

function isOfShim(path: string): boolean {
  return path.startsWith(`${SHIM_FOLDER}/`);
}

/** A comparison, and what the project's owner has to do. */
interface OwnedFiles extends Comparison {
  readonly todo: readonly string[];
}

/** Compares the kit's files in a project with those that this version of the kit would make. */
export async function compareOwned(
  project: ExistingProject,
  record: ScaffoldRecord,
  sources: Sources,
): Promise<OwnedFiles> {
  const fresh = await renderOwned(project, record, sources);
  return keepShimWhole(compare(project.folder, record, fresh), project.answers.versions);
}

/** The kit's files as this version of the kit would make them. */
function renderOwned(
  { answers, kind }: ExistingProject,
  { ci, packageManager }: ScaffoldRecord,
  sources: Sources,
): Promise<ReadonlyMap<string, string>> {
  const choices = { ...answers, kind, handlers: [], packageManager };
  const layers = new Set(
    [...ci, "none" as const].flatMap((system) => layersOf({ ...choices, ci: system })),
  );
  const owned = filesOf(sources, [...layers]).filter(({ isKitOwned }) => isKitOwned);
  return render(answers, owned);
}

/**
 * The shim's source is of one version or the other, never of both: where its owner has changed a
 * file of it, none is touched.
 */
function keepShimWhole(comparison: Comparison, versions: ToolVersions): OwnedFiles {
  const { edits, created, removed, ownersFiles } = comparison;
  const news = [...edits.keys(), ...created.keys(), ...removed].filter(isOfShim);
  if (news.length === 0) return { ...comparison, todo: [] };
  if (!ownersFiles.some(isOfShim)) {
    const { cmakeJs, nodeAddonApi, nodeApiHeaders } = versions;
    const packages = `cmake-js@${cmakeJs}, node-addon-api@${nodeAddonApi} and node-api-headers@${nodeApiHeaders}`;
    return {
      ...comparison,
      todo: [`Build the shim again, with ${packages}: wsb-addin shim build`],
    };
  }
  const others = (texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map([...texts].filter(([path]) => !isOfShim(path)));
  const todo = [
    `The shim's source has changes of yours, and stays as it is. Write the new one beside it (wsb-addin shim eject --out ${SHIM_FOLDER}-${versions.wsbAddin}) and carry them over.`,
  ];
  return { edits: others(edits), created: others(created), removed: [], ownersFiles, todo };
}
