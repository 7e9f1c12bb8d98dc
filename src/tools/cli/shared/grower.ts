import { pathToFileURL } from "node:url";

import { WsbError, isWsbErrorCode } from "../../../base/errors.ts";
import { isObject } from "../../../base/json.ts";
import { packageFile } from "../../../base/package-root.ts";

/** A part that a project can get later; which names there are, the part's maker says. */
export type Part =
  | { readonly kind: "handler" | "dotnet" | "check" | "ci"; readonly name: string }
  | { readonly kind: "cloud" };

export interface GrowRequest {
  /** Absolute path. */
  readonly projectFolder: string;
  /** Nothing is to be changed. */
  readonly isDryRun: boolean;
}

/** A file of the project that got another content. */
export interface FileChange {
  /** Below the project's folder, with forward slashes. */
  readonly path: string;
  /** Unified. */
  readonly diff: string;
}

/** What became of a project, or would. */
export interface Growth {
  readonly created: readonly string[];
  readonly changed: readonly FileChange[];
  /** What the project's owner has to do, a sentence each. */
  readonly todo: readonly string[];
}

export interface Upgrade extends Growth {
  /** Files of the shim's source that this version of it has no longer, and that nobody has changed. */
  readonly removed: readonly string[];
  /** Files of the kit that were changed or removed since, and are left alone. */
  readonly ownersFiles: readonly string[];
}

/** What changes a project that has been made. */
export interface Grower {
  /**
   * Adds a part: all of it or, when it rejects, nothing.
   *
   * @throws {@link WsbError} `ERR_WSB_TARGET_EXISTS` when a file of it is there already.
   */
  generate(request: GrowRequest & { readonly part: Part }): Promise<Growth>;
  /** Brings the kit's files up to date that nobody has changed. */
  upgrade(request: GrowRequest): Promise<Upgrade>;
}

function isGrower(value: unknown): value is Grower {
  return isObject(value) && "generate" in value && "upgrade" in value;
}

/** The bundle has a copy of the error's class, which nothing here would know. */
function throwOwn(error: unknown): never {
  if (!(error instanceof Error) || !("code" in error) || !isWsbErrorCode(error.code)) throw error;
  throw new WsbError(error.code, error.message, { cause: error });
}

function withOwnErrors(grower: Grower): Grower {
  return {
    generate: (request) => grower.generate(request).catch(throwOwn),
    upgrade: (request) => grower.upgrade(request).catch(throwOwn),
  };
}

/**
 * Loads the generator, which the package carries as a bundle of its own beside the command line.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` when it is not there.
 */
export async function loadGrower(): Promise<Grower> {
  const file = packageFile("dist/generator/grow.js");
  const module: unknown = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new WsbError("ERR_WSB_BUILD", `Cannot load ${file}. Install wsb-addin again.`, {
      cause: error,
    });
  });
  if (isObject(module)) {
    const create = module["createGrower"];
    const grower: unknown = typeof create === "function" ? create() : undefined;
    if (isGrower(grower)) return withOwnErrors(grower);
  }
  throw new WsbError("ERR_WSB_BUILD", `${file} is not the kit's. Install wsb-addin again.`);
}
