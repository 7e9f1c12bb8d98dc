import { join } from "node:path";
import { SHIM_FOLDER } from "../src/base/shim-source.ts";
import type { ToolVersions } from "./answers.ts";
import type { ExistingProject } from "./existing-project.ts";
import type { Plop } from "./plop.ts";
import { filesOf, gitHubWorkflow, layersOf, placeWorkflow } from "./project-files.ts";
import { digestOf } from "./scaffold-record.ts";
import type { ScaffoldRecord } from "./scaffold-record.ts";
import { readTextFile } from "./staging.ts";

/** Exists in every project that has the shim's source. */
const shimPackageFile = `${SHIM_FOLDER}/package.json`;

/** The changes that update the kit's files in a project. */
export interface UpgradeDraft {
  /** New texts of existing files, by path. */
  readonly changed: ReadonlyMap<string, string>;
  /** Texts of new files, by path. */
  readonly created: ReadonlyMap<string, string>;
  /** Files of the shim's source that the kit no longer has. */
  readonly removed: readonly string[];
  /** Files of the kit that their owner has changed or removed. They stay untouched. */
  readonly ownersFiles: readonly string[];
  readonly todo: readonly string[];
}

/** Decides how to update the kit's files in a project; writes nothing. */
export function draftUpgrade(
  project: ExistingProject,
  record: ScaffoldRecord,
  plop: Plop,
): UpgradeDraft {
  const fresh = renderOwnedFiles(project, record, plop);
  const draft = compare(project.folder, record, fresh);
  return keepShimConsistent(draft, project.answers.versions);
}

/** Renders the kit's files as this version of the kit would create them. */
function renderOwnedFiles(
  { answers }: ExistingProject,
  { ci, packageManager, files }: ScaffoldRecord,
  plop: Plop,
): ReadonlyMap<string, string> {
  const choices = { ...answers, handlers: [], packageManager };
  const layers = new Set(
    [...ci, "none" as const].flatMap((system) => layersOf({ ...choices, ci: system })),
  );
  const all = filesOf(plop.sources, [...layers]);
  // A workflow stays where it is, for example when a repository became part of another.
  const placed = files.has(gitHubWorkflow) ? all : placeWorkflow(all, answers);
  const owned = placed.filter(({ isKitOwned }) => isKitOwned);
  return plop.textsOf(owned, answers);
}

function compare(
  folder: string,
  record: ScaffoldRecord,
  fresh: ReadonlyMap<string, string>,
): UpgradeDraft {
  const changed = new Map<string, string>();
  const created = new Map<string, string>();
  const ownersFiles: string[] = [];
  for (const [path, text] of fresh) {
    const digest = record.files.get(path);
    const current = readTextFile(join(folder, path));
    if (current === undefined && digest === undefined) created.set(path, text);
    else if (current === undefined) ownersFiles.push(path);
    else if (digestOf(current) === digestOf(text)) continue;
    else if (digestOf(current) === digest) changed.set(path, text);
    else ownersFiles.push(path);
  }
  const removed: string[] = [];
  for (const [path, digest] of fresh.has(shimPackageFile) ? record.files : []) {
    const current = readTextFile(join(folder, path));
    if (!isOfShim(path) || fresh.has(path) || current === undefined) continue;
    (digestOf(current) === digest ? removed : ownersFiles).push(path);
  }
  return { changed, created, removed, ownersFiles, todo: [] };
}

function isOfShim(path: string): boolean {
  return path.startsWith(`${SHIM_FOLDER}/`);
}

/** Updates the shim's source as a whole or, if its owner has changed a file of it, not at all. */
function keepShimConsistent(draft: UpgradeDraft, versions: ToolVersions): UpgradeDraft {
  const { changed, created, removed, ownersFiles } = draft;
  const shimChanges = [...changed.keys(), ...created.keys(), ...removed].filter(isOfShim);
  if (shimChanges.length === 0) return draft;
  if (!ownersFiles.some(isOfShim)) {
    const { cmakeJs, nodeAddonApi, nodeApiHeaders } = versions;
    const packages = `cmake-js@${cmakeJs}, node-addon-api@${nodeAddonApi} and node-api-headers@${nodeApiHeaders}`;
    return { ...draft, todo: [`Build the shim again with ${packages}: wsb-addin shim build`] };
  }
  const others = (texts: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
    new Map([...texts].filter(([path]) => !isOfShim(path)));
  const todo = [
    `The shim's source was not upgraded, because you have changed it. Write the new source to another folder (wsb-addin shim eject --out ${SHIM_FOLDER}-${versions.wsbAddin}) and apply your changes to it.`,
  ];
  return { changed: others(changed), created: others(created), removed: [], ownersFiles, todo };
}
