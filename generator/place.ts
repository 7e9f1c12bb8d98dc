import { existsSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { decodeText } from "../src/base/decode-text.ts";
import { parsePackageJson } from "../src/base/document/package-json.ts";
import { commandsOf, packageManagers } from "./choices.ts";
import type { PackageManager } from "./choices.ts";

/** A workspace: a folder whose lock file is for all packages below it. */
export interface Workspace {
  /** Its folder below the repository's root, with forward slashes; `""` for the root. */
  readonly path: string;
  /** The file that lists its packages, below the repository's root. */
  readonly listFile: string;
  /** The pattern to add to that file; `undefined` if the project is listed. */
  readonly missingPattern: string | undefined;
  readonly packageManager: PackageManager | undefined;
}

/** Where a project is in its git repository. */
export interface Place {
  /**
   * The project's folder below the repository's root, with forward slashes; `""` for the root, and
   * without a repository.
   */
  readonly projectPath: string;
  readonly workspace: Workspace | undefined;
}

/** Finds the place of a project, whose folder need not exist yet. */
export function findPlace(folder: string): Place {
  const root = foldersFrom(folder).find((one) => existsSync(join(one, ".git"))) ?? folder;
  const path = slashed(relative(root, folder));
  return { projectPath: path, workspace: path === "" ? undefined : findWorkspace(root, folder) };
}

function foldersFrom(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...foldersFrom(parent)];
}

function slashed(path: string): string {
  return path.replaceAll(sep, "/");
}

function findWorkspace(root: string, folder: string): Workspace | undefined {
  const above = foldersFrom(dirname(folder));
  for (const one of above.slice(0, above.indexOf(root) + 1)) {
    const list = readList(one);
    if (list === undefined) continue;
    const project = slashed(relative(one, folder));
    const path = slashed(relative(root, one));
    return {
      path,
      listFile: path === "" ? list.file : `${path}/${list.file}`,
      missingPattern: list.patterns.some((pattern) => matches(pattern, project))
        ? undefined
        : project,
      packageManager: packageManagers.find((name) =>
        existsSync(join(one, commandsOf[name].lockFile)),
      ),
    };
  }
  return undefined;
}

interface PackageList {
  readonly file: string;
  readonly patterns: readonly string[];
}

const pnpmFile = "pnpm-workspace.yaml";

/** Reads the patterns of a workspace's packages; `undefined` if the folder is no workspace. */
function readList(folder: string): PackageList | undefined {
  if (existsSync(join(folder, pnpmFile))) {
    const text = readFileSync(join(folder, pnpmFile), "utf8");
    const items = text.matchAll(/^\s*-\s*["']?([^"'#\r\n]+?)["']?\s*(?:#.*)?$/gmu);
    return { file: pnpmFile, patterns: [...items].map(([, item = ""]) => item) };
  }
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  const text = decodeText(readFileSync(file), { file, code: "ERR_WSB_INVALID_ARGUMENT" });
  const { workspaces } = parsePackageJson(text, file);
  const patterns: unknown = Array.isArray(workspaces) ? workspaces : Object(workspaces).packages;
  return Array.isArray(patterns)
    ? { file: "package.json", patterns: patterns.map(String) }
    : undefined;
}

/** Tells whether a pattern of packages, in which `*` is one folder and `**` any, matches a path. */
function matches(pattern: string, path: string): boolean {
  const source = pattern
    .replace(/^\.\/|\/$/gu, "")
    .replace(/[.+^${}()|[\]\\]/gu, String.raw`\$&`)
    .replace(/\*\*|\*/gu, (stars) => (stars === "*" ? "[^/]*" : ".*"));
  return new RegExp(`^${source}$`, "u").test(path);
}

/** The lock file that a build machine needs, below the repository's root. */
export function lockFileOf({ projectPath, workspace }: Place, lockFile: string): string {
  return inFolder(workspace?.path ?? projectPath, lockFile);
}

/** Writes a path below a folder; `""` is the root. */
export function inFolder(folder: string, path: string): string {
  return folder === "" ? path : `${folder}/${path}`;
}

/** Says what the project's owner must do in the workspace. */
export function workspaceTodo({ workspace }: Place): readonly string[] {
  if (workspace?.missingPattern === undefined) return [];
  const { listFile, missingPattern } = workspace;
  return [`Add ${JSON.stringify(missingPattern)} to the packages of the workspace in ${listFile}.`];
}

/**
 * Says why no workflow can be written for a project; `undefined` if it can.
 *
 * GitHub and Azure replace expressions in a workflow, also in the name of a folder.
 */
export function workflowObstacle({ projectPath }: Place): string | undefined {
  if (!/\$\{\{|\$\(|\$\[/u.test(projectPath)) return undefined;
  return `No workflow was written: in a workflow, the name of the folder ${JSON.stringify(projectPath)} is an expression. Rename the folder and run wsb-addin generate ci.`;
}
