/** The only place that loads edge-js, which carries .NET into a Node.js process. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { WsbError, errorText } from "../../base/errors.ts";
import { SERVER_FILE } from "../manifest/manifest.ts";
import { loadBinding } from "../native/binding.ts";
import { isPackedExe } from "../../base/packed.ts";

export type EdgeCallback = (error: unknown, result?: unknown) => void;

/** A .NET method as edge-js gives it. */
export type EdgeFunction = (input: unknown, callback: EdgeCallback) => void;

/** Where the method is, as edge-js takes it. */
export interface EdgeMethod {
  readonly source?: string;
  readonly assemblyFile?: string;
  readonly typeName: string;
  readonly methodName: string;
  readonly references?: readonly string[];
}

/** Finds a .NET method, compiling its source if need be. */
export type FindMethod = (method: EdgeMethod) => EdgeFunction;

const PACKAGE = "edge-js";

/** Path of edge-js in a built add-in, below its folder. */
export const EDGE_FILE: string = join("node_modules", PACKAGE, "lib", "edge.js");

/**
 * Folder that the files of a .NET handler are named from: that of a built server, else the working
 * folder, which is the project's.
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
    ? "It needs the .NET Framework 4.5 or later, or, with the variable EDGE_USE_CORECLR=1, the .NET SDK, and Node.js 20, 22, 24 or 26."
    : "Off Windows it needs Mono: apt-get install mono-devel, then npm rebuild edge-js, and LD_PRELOAD=/usr/lib/libmonosgen-2.0.so.1.";
}

function isFindMethod(value: unknown): value is FindMethod {
  return typeof value === "function";
}

function requireEdge(folder: string): unknown {
  const require = createRequire(join(folder, "package.json"));
  // In a built add-in from the one place where the build has put it: Node.js would look in every
  // folder above, and anybody may make one at the root of a drive.
  const isBuilt = existsSync(join(folder, SERVER_FILE));
  const edge: unknown = require(isBuilt ? join(folder, EDGE_FILE) : PACKAGE);
  return edge;
}

/**
 * Loads edge-js for the handlers of an add-in in `folder`.
 *
 * @throws {@link WsbError} `ERR_WSB_DOTNET` with what to install; never at an import of this file.
 */
export function loadEdge(folder: string): FindMethod {
  if (isPackedExe()) {
    throw failure(
      ".NET handlers do not run in a single exe: edge-js looks for node.exe by its name. Pack with --payload folder.",
    );
  }
  if (process.platform === "win32" && loadBinding().isWine()) {
    throw failure(
      ".NET handlers do not run under Wine: edge-js would end the process. Try them on Windows, or with Mono in a unit test.",
    );
  }
  let edge: unknown;
  try {
    edge = requireEdge(folder);
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "MODULE_NOT_FOUND";
    throw isAbsent
      ? failure(
          `.NET handlers need the package edge-js, and there is none for ${folder}. Run: npm install --save-optional edge-js, and build again.`,
          error,
        )
      : failure(`Cannot load edge-js: ${errorText(error)}. ${nextStep()}`, error);
  }
  if (typeof edge === "object" && edge !== null && "func" in edge && isFindMethod(edge.func)) {
    return edge.func;
  }
  throw failure("The package edge-js is not as expected. Install version 26.");
}
