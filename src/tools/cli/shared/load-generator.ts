import { pathToFileURL } from "node:url";

import { WsbError, isWsbErrorCode } from "../../../base/errors.ts";
import type { Generator } from "../../../base/generator.ts";
import { isObject } from "../../../base/json.ts";
import { packageFile } from "../../../base/package-root.ts";

function isGenerator(value: unknown): value is Generator {
  return isObject(value) && "generate" in value && "upgrade" in value;
}

/** Converts an error of the bundle, which has its own copy of the error class. */
function throwOwn(error: unknown): never {
  if (!(error instanceof Error) || !("code" in error) || !isWsbErrorCode(error.code)) throw error;
  const errno = "errno" in error && typeof error.errno === "string" ? error.errno : undefined;
  const details = { cause: error, ...(errno === undefined ? {} : { errno }) };
  throw new WsbError(error.code, error.message, details);
}

function withOwnErrors(generator: Generator): Generator {
  return {
    generate: (request) => generator.generate(request).catch(throwOwn),
    upgrade: (request) => generator.upgrade(request).catch(throwOwn),
  };
}

/**
 * Loads the generator, which the package contains as a separate bundle.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` if it is missing or damaged.
 */
export async function loadGenerator(): Promise<Generator> {
  const file = packageFile("dist/generator/generate.cjs");
  const module: unknown = await import(pathToFileURL(file).href).catch((error: unknown) => {
    throw new WsbError("ERR_WSB_BUILD", `Cannot load ${file}. Install wsb-addin again.`, {
      cause: error,
    });
  });
  if (isObject(module)) {
    const create = module["createGenerator"];
    const generator: unknown = typeof create === "function" ? create() : undefined;
    if (isGenerator(generator)) return withOwnErrors(generator);
  }
  throw new WsbError("ERR_WSB_BUILD", `${file} is not the generator. Install wsb-addin again.`);
}
