/** Loads edge-js, which runs .NET inside Node.js. No other file loads it. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { WsbError, errorText } from "../../base/errors.ts";
import { SERVER_FILE } from "../manifest/manifest.ts";
import { loadBinding } from "../native/binding.ts";
import { isPackedExe } from "../../base/packed.ts";

export type EdgeCallback = (error: unknown, result?: unknown) => void;

/** A .NET method as edge-js returns it. */
export type EdgeFunction = (input: unknown, callback: EdgeCallback) => void;

/** The location of a .NET method, in the form that edge-js takes. */
export interface EdgeMethod {
  readonly source?: string;
  readonly assemblyFile?: string;
  readonly typeName: string;
  readonly methodName: string;
  readonly references?: readonly string[];
}

/** Finds a .NET method and compiles its source if necessary. */
export type FindMethod = (method: EdgeMethod) => EdgeFunction;

const PACKAGE = "edge-js";

/** The path of edge-js below the folder of a built add-in. */
export const EDGE_FILE: string = join("node_modules", PACKAGE, "lib", "edge.js");

/**
 * Returns the base folder for the files of a .NET handler: the folder of a built server, else the
 * working folder, which is the project's.
 */
export function dotnetFolder(moduleUrl: string = import.meta.url): string {
  const folder = dirname(fileURLToPath(moduleUrl));
  return existsSync(join(folder, SERVER_FILE)) ? folder : process.cwd();
}

function failure(text: string, cause?: unknown): WsbError {
  return new WsbError("ERR_WSB_DOTNET", text, { cause });
}

function nextStep(): string {
  return process.platform === "win32"
    ? "Install Node.js 20, 22, 24 or 26 and the .NET Framework 4.5 or later, or the .NET SDK with the variable EDGE_USE_CORECLR=1."
    : "Off Windows, install Mono: run apt-get install mono-devel and npm rebuild edge-js, and set LD_PRELOAD=/usr/lib/libmonosgen-2.0.so.1.";
}

function isFindMethod(value: unknown): value is FindMethod {
  return typeof value === "function";
}

function requireEdge(folder: string): unknown {
  const require = createRequire(join(folder, "package.json"));
  // A built add-in loads edge-js only from the folder where the build put it. Node.js would search
  // every parent folder, and any user may create a folder at the root of a drive.
  const isBuilt = existsSync(join(folder, SERVER_FILE));
  const edge: unknown = require(isBuilt ? join(folder, EDGE_FILE) : PACKAGE);
  return edge;
}

/**
 * Loads edge-js for the handlers of an add-in in `folder`.
 *
 * @throws {@link WsbError} `ERR_WSB_DOTNET` that says what to install. Importing this file never
 * throws.
 */
export function loadEdge(folder: string): FindMethod {
  if (isPackedExe()) {
    throw failure(
      ".NET handlers cannot run in a single exe, because edge-js needs a program named node.exe. Pack with --payload folder.",
    );
  }
  if (process.platform === "win32" && loadBinding().isWine()) {
    throw failure(
      ".NET handlers cannot run under Wine, because edge-js would crash the process. Try them on Windows, or with Mono in a unit test.",
    );
  }
  let edge: unknown;
  try {
    edge = requireEdge(folder);
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
    throw isAbsent
      ? failure(
          `Cannot find the package edge-js for ${folder}, which .NET handlers need. Run npm install --save-optional edge-js, then build again.`,
          error,
        )
      : failure(`Cannot load edge-js: ${errorText(error)}. ${nextStep()}`, error);
  }
  if (typeof edge === "object" && edge !== null && "func" in edge && isFindMethod(edge.func)) {
    return edge.func;
  }
  throw failure("The package edge-js does not export the function func. Install version 26.");
}
