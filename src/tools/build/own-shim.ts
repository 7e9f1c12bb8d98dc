import {
  cpSync,
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

import { makeFolders } from "../../base/make-folders.ts";
import { WsbError } from "../../base/errors.ts";
import { fileError } from "../../base/file-error.ts";
import { packageFile } from "../../base/package-root.ts";
import { SHIM_FOLDER, shimSourceVersion } from "../../base/shim-source.ts";
import { SHIM_FILE, prebuiltShimPath } from "../../runtime/native/binding.ts";

/** A shim that a project builds from source. */
export interface OwnShim {
  /** Folder of its source. */
  readonly folder: string;
  /** Version of wsb-addin that the source was copied from. */
  readonly version: string;
  /** Path of the built shim. */
  readonly binary: string;
}

/** Reads the package.json of wsb-addin. */
function kitFields(): {
  readonly version: string;
  readonly devDependencies: Record<string, string>;
} {
  const fields: { version: string; devDependencies: Record<string, string> } = JSON.parse(
    readFileSync(packageFile("package.json"), "utf8"),
  );
  return fields;
}

/** Returns the npm packages for the build of a shim, in the form for `npm install`. */
export function buildPackages(): readonly string[] {
  const { devDependencies } = kitFields();
  return ["cmake-js", "node-addon-api", "node-api-headers"].map(
    (name) => `${name}@${devDependencies[name] ?? "latest"}`,
  );
}

/**
 * Returns the shim that a project builds; `undefined` if it uses the prebuilt one.
 *
 * @throws {@link WsbError} `ERR_WSB_FILE` if a file cannot be read.
 */
export function readOwnShim(projectFolder: string): OwnShim | undefined {
  const version = shimSourceVersion(projectFolder);
  if (version === undefined) return undefined;
  const folder = join(projectFolder, SHIM_FOLDER);
  return { folder, version, binary: join(folder, "build", SHIM_FILE) };
}

/**
 * Finds the shim for a built add-in: the project's own, or the prebuilt one.
 *
 * @param prebuilt Path of the prebuilt shim.
 * @throws {@link WsbError} `ERR_WSB_BUILD` if it is missing, or if its source belongs to another
 * version than the runtime.
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
      `The shim's source in ${own.folder} belongs to wsb-addin ${own.version}, but this is ${version}; they do not work together. Update the source: wsb-addin upgrade. If you changed it, eject the new source (wsb-addin shim eject --out native-${version}) and apply your changes to it.`,
    );
  }
  if (existsSync(own.binary)) return own.binary;
  throw new WsbError(
    "ERR_WSB_BUILD",
    `${own.folder} has the source of a shim, but ${own.binary} does not exist. Build it: wsb-addin shim build`,
  );
}

function copySource(folder: string): readonly string[] {
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new WsbError(
      "ERR_WSB_TARGET_EXISTS",
      `${folder} is not empty; nothing was written. Name another folder with --out.`,
    );
  }
  makeFolders(dirname(folder));
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
 * Copies the source of this version's shim into a folder: all files or none.
 *
 * @returns Paths of the written files, relative to the folder.
 * @throws {@link WsbError} `ERR_WSB_TARGET_EXISTS` if the folder is not empty, `ERR_WSB_FILE` if it
 * cannot be written.
 */
export function ejectShim(folder: string): readonly string[] {
  try {
    return copySource(folder);
  } catch (error) {
    throw fileError(`Cannot write to ${folder}`, "Choose another folder with --out.", error);
  }
}
