import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeText } from "../src/base/decode-text.ts";
import { WsbError, errorText } from "../src/base/errors.ts";
import { parsePackageJson } from "../src/base/document/package-json.ts";
import { shimSourceVersion } from "../src/base/shim-source.ts";
import { loadManifest } from "../src/runtime/manifest/load.ts";
import { MANIFEST_FILE } from "../src/runtime/manifest/manifest.ts";
import { completeAnswers } from "./answers.ts";
import type { Answers, GivenAnswers } from "./answers.ts";
import { commandsOf, handlers, packageManagers } from "./choices.ts";
import type { HandlerName, Kind, PackageManager } from "./choices.ts";
import { wrongUsage } from "./flags.ts";
import { handlerFile } from "./project-files.ts";
import { readScaffoldRecord, scaffoldRecordFile } from "./scaffold-record.ts";
import type { ScaffoldRecord } from "./scaffold-record.ts";

/** A project that exists on disk. */
export interface ExistingProject {
  readonly folder: string;
  readonly kind: Kind;
  /** Answers that would create the project, as far as its files show them. */
  readonly answers: Answers;
  /** Undefined if the project was created by hand or the record was removed. */
  readonly scaffoldRecord: ScaffoldRecord | undefined;
}

const identityFlags = {
  name: "--name",
  kind: "--kind",
  identifier: "--identifier",
  writer: "--writer",
  writerId: "--writer-id",
  files: "--files",
  clsid: "--clsid",
  appId: "--app-id",
  services: "--service",
} as const;

/**
 * Takes a project's identity from its manifest, so that nobody is asked for it again and the files
 * that are added fit the project.
 *
 * @throws {@link WsbError} for a flag that the manifest already answers, and for a manifest that is
 * not valid.
 */
export function addManifestAnswers(given: GivenAnswers, folder: string): GivenAnswers {
  const file = join(folder, MANIFEST_FILE);
  const packageManager = given.packageManager ?? managerByLockFile(folder);
  if (!existsSync(file)) return { ...given, packageManager };
  for (const [answer, flag] of Object.entries(identityFlags)) {
    if (new Map<string, unknown>(Object.entries(given)).get(answer) !== undefined) {
      throw wrongUsage(`Omit ${flag}: ${file} already contains it.`);
    }
  }
  return { ...given, packageManager, ...manifestAnswers(file) };
}

function manifestAnswers(file: string): GivenAnswers {
  const { name, applicationIdentifier, writerId, writer, addin, services } = loadManifest(file);
  const common = { name, identifier: applicationIdentifier, writerId, writer: writer.kind };
  if (addin === undefined) return { ...common, kind: "application" };
  return { ...common, kind: "add-in", clsid: addin.clsid, appId: addin.appId, services };
}

/**
 * Reads a project's answers from its manifest, package.json, handlers and scaffold record.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` in a folder without a project,
 * `ERR_WSB_INVALID_MANIFEST` for a manifest that is not valid.
 */
export function readProject(folder: string): ExistingProject {
  const packageName = readPackageName(folder);
  const scaffoldRecord = existsSync(join(folder, scaffoldRecordFile))
    ? readScaffoldRecord(folder)
    : undefined;
  const packageManager = scaffoldRecord?.packageManager ?? managerByLockFile(folder);
  const manifestFile = join(folder, MANIFEST_FILE);
  const given = existsSync(manifestFile)
    ? { ...manifestAnswers(manifestFile), ...choicesOf(folder) }
    : { name: packageName, kind: "cloud" };
  const answers = completeAnswers({ ...given, folder, packageManager }, { currentFolder: folder });
  return { folder, kind: answers.kind, answers: { ...answers, packageName }, scaffoldRecord };
}

function readPackageName(folder: string): string {
  const file = join(folder, "package.json");
  const { name } = parsePackageJson(readPackageText(file), file);
  return typeof name === "string" ? name : "my-add-in";
}

function readPackageText(file: string): string {
  try {
    return decodeText(readFileSync(file), { file, code: "ERR_WSB_INVALID_ARGUMENT" });
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `Cannot read ${file}: ${errorText(error)}. Run the command in the project's folder, or name the folder with --project.`,
      { cause: error },
    );
  }
}

/** Returns the choices that a project's files show. */
function choicesOf(folder: string): GivenAnswers {
  return {
    dotnet: dotnetHandlersOf(folder),
    shim: shimSourceVersion(folder) === undefined ? "prebuilt" : "source",
  };
}

/** Returns the handlers that are written in C#. */
function dotnetHandlersOf(folder: string): readonly HandlerName[] {
  return handlers.filter((name) => {
    const file = join(folder, handlerFile(name));
    return existsSync(file) && /["']wsb-addin\/dotnet["']/u.test(readFileSync(file, "utf8"));
  });
}

function managerByLockFile(folder: string): PackageManager | undefined {
  return packageManagers.find((name) => existsSync(join(folder, commandsOf[name].lockFile)));
}
