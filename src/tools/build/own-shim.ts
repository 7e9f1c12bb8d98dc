import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import { WsbError } from "../../base/errors.ts";
import { fileError } from "../../base/file-error.ts";
import { packageFile } from "../../base/package-root.ts";
import { SHIM_FOLDER, shimSourceVersion } from "../../base/shim-source.ts";
import { SHIM_FILE, prebuiltShimPath } from "../../runtime/native/binding.ts";

/** A shim that a project builds itself. */
export interface OwnShim {
  /** Folder of its source. */
  readonly folder: string;
  /** Version of wsb-addin that the source was copied from. */
  readonly version: string;
  /** Where the build puts it. */
  readonly binary: string;
}

/** The kit's own package.json. */
function kitFields(): {
  readonly version: string;
  readonly devDependencies: Record<string, string>;
} {
  const fields: { version: string; devDependencies: Record<string, string> } = JSON.parse(
    readFileSync(packageFile("package.json"), "utf8"),
  );
  return fields;
}

/** npm packages that a shim is built with, as `npm install` takes them. */
export function buildPackages(): readonly string[] {
  const { devDependencies } = kitFields();
  return ["cmake-js", "node-addon-api", "node-api-headers"].map(
    (name) => `${name}@${devDependencies[name] ?? "latest"}`,
  );
}

/**
 * The shim whose source a project has; `undefined` when it uses the prebuilt one.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` when nobody can tell, because a file cannot be read.
 */
export function readOwnShim(projectFolder: string): OwnShim | undefined {
  const version = shimSourceVersion(projectFolder);
  if (version === undefined) return undefined;
  const folder = join(projectFolder, SHIM_FOLDER);
  return { folder, version, binary: join(folder, "build", SHIM_FILE) };
}

/**
 * Finds the shim that goes into a built add-in: the project's own, else the prebuilt one.
 *
 * @param prebuilt Path of the prebuilt one.
 * @throws {@link WsbError} `ERR_WSB_BUILD` when it is missing, or when its source is of another version
 * than the runtime that would call it.
 */
export function findShim(projectFolder: string, prebuilt: string = prebuiltShimPath()): string {
  const own = readOwnShim(projectFolder);
  if (own === undefined) {
    if (existsSync(prebuilt)) return prebuilt;
    throw new WsbError(
      "ERR_WSB_BUILD",
      `The shim ${prebuilt} is missing. Install wsb-addin again.`,
    );
  }
  const { version } = kitFields();
  if (own.version !== version) {
    throw new WsbError(
      "ERR_WSB_BUILD",
      `The shim's source in ${own.folder} is of wsb-addin ${own.version}, and this is ${version}: one may call what the other has not. Bring it up to date: wsb-addin upgrade. If you have changed it, write the new source beside it (wsb-addin shim eject --out native-${version}) and carry your changes over.`,
    );
  }
  if (existsSync(own.binary)) return own.binary;
  throw new WsbError(
    "ERR_WSB_BUILD",
    `${own.folder} holds the source of a shim, and there is no ${own.binary}. Build it: wsb-addin shim build`,
  );
}

function copySource(folder: string): readonly string[] {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new WsbError(
      "ERR_WSB_TARGET_EXISTS",
      `${folder} is not empty; nothing was written. Name another folder with --out.`,
    );
  }
  mkdirSync(dirname(folder), { recursive: true });
  const staging = join(dirname(folder), `.${basename(folder)}-${process.pid}`);
  try {
    cpSync(packageFile("dist/shim-source"), staging, { recursive: true });
    writeFileSync(join(staging, ".gitignore"), "build/\n");
    rmSync(folder, { recursive: true, force: true });
    renameSync(staging, folder);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
}

/**
 * Copies the shim's source, of the version of this kit, into a folder; whole or not at all.
 *
 * @returns Paths of what was written, below the folder.
 * @throws {@link WsbError} `ERR_WSB_TARGET_EXISTS` when the folder holds something, `ERR_WSB_FILE` when it
 * cannot be written.
 */
export function ejectShim(folder: string): readonly string[] {
  try {
    return copySource(folder);
  } catch (error) {
    throw fileError(`Cannot write to ${folder}`, "Choose another folder with --out.", error);
  }
}
