import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { WsbError, errorText } from "../src/base/errors.ts";
import { loadManifest } from "../src/runtime/manifest/load.ts";
import { MANIFEST_FILE } from "../src/runtime/manifest/manifest.ts";
import { readOwnShim } from "../src/tools/build/own-shim.ts";
import { completeAnswers } from "./answers.ts";
import type { Answers } from "./answers.ts";
import { commandsOf, handlers, packageManagers } from "./choices.ts";
import type { HandlerName, Kind, PackageManager } from "./choices.ts";
import { handlerFile } from "./layers.ts";
import { readRecord, recordFile } from "./record.ts";
import type { ScaffoldRecord } from "./record.ts";

/** A project that has been made before. */
export interface ExistingProject {
  readonly folder: string;
  readonly kind: Kind;
  /** Its answers as far as its files tell them. */
  readonly answers: Answers;
  /** Absent where the project was made by hand, or without the kit's record. */
  readonly record: ScaffoldRecord | undefined;
}

/**
 * Reads what a project is from its manifest, its package.json and the kit's record.
 *
 * @throws {@link WsbError} `ERR_WSB_INVALID_ARGUMENT` in a folder that is no project,
 * `ERR_WSB_INVALID_MANIFEST` for a manifest that is not valid.
 */
export function readProject(folder: string): ExistingProject {
  const packageName = readPackageName(folder);
  const record = existsSync(join(folder, recordFile)) ? readRecord(folder) : undefined;
  const packageManager = record?.packageManager ?? managerByLockFile(folder);
  const manifestFile = join(folder, MANIFEST_FILE);
  if (!existsSync(manifestFile)) {
    const given = { name: packageName, folder, kind: "cloud", packageManager };
    const answers = { ...completeAnswers(given, { currentFolder: folder }), packageName };
    return { folder, kind: "cloud", answers, record };
  }
  const { name, applicationIdentifier, writerId, addin, services } = loadManifest(manifestFile);
  const kind = addin === undefined ? "application" : "add-in";
  const given = {
    name,
    folder,
    kind,
    identifier: applicationIdentifier,
    writerId,
    dotnet: dotnetHandlersOf(folder),
    shim: readOwnShim(folder) === undefined ? "prebuilt" : "source",
    packageManager,
  };
  const ids = addin === undefined ? {} : { ...addin, services };
  const answers = completeAnswers({ ...given, ...ids }, { currentFolder: folder });
  return { folder, kind, answers: { ...answers, packageName }, record };
}

function readPackageName(folder: string): string {
  const file = join(folder, "package.json");
  try {
    const document: unknown = JSON.parse(readFileSync(file, "utf8"));
    const name = new Map(Object.entries(Object(document))).get("name");
    return typeof name === "string" ? name : "my-add-in";
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_INVALID_ARGUMENT",
      `Cannot read ${file}: ${errorText(error)}. Run the command in the project's folder, or name it with --project.`,
      { cause: error },
    );
  }
}

/** The handlers that are written in C#. */
function dotnetHandlersOf(folder: string): readonly HandlerName[] {
  return handlers
    .map(({ value }) => value)
    .filter((name) => {
      const file = join(folder, handlerFile(name));
      return existsSync(file) && /["']wsb-addin\/dotnet["']/u.test(readFileSync(file, "utf8"));
    });
}

function managerByLockFile(folder: string): PackageManager {
  const found = packageManagers.find(({ value }) =>
    existsSync(join(folder, commandsOf[value].lockFile)),
  );
  return found?.value ?? "npm";
}
