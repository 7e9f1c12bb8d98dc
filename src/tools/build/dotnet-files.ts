import { cpSync, existsSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";

import { WsbError } from "../../base/errors.ts";

/** Folder of a project with C# source and assemblies; copied unchanged. */
const DOTNET_FOLDER = "dotnet";

// The files of edge-js for Windows x64; the rest of its package is for other systems.
const EDGE_PARTS = [
  "package.json",
  "LICENSE",
  "lib/edge.js",
  "tools/checkMono.js",
  "lib/bootstrap",
];
const EDGE_NATIVE = "lib/native/win32/x64";

/** Returns whether the sources of a server include the module that loads edge-js. */
export function usesDotnet(sources: readonly string[]): boolean {
  return sources.some((source) =>
    /(?:^|\/)(?:dist|src)\/runtime\/dotnet\/edge\.[jt]s$/u.test(source),
  );
}

function findPackage(name: string, from: string): string {
  try {
    return dirname(createRequire(join(from, "package.json")).resolve(`${name}/package.json`));
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_BUILD",
      `The add-in has .NET handlers, which need ${name}, but ${from} cannot find it; nothing was built. Run: npm install --save-optional edge-js`,
      { cause: error },
    );
  }
}

/** The packages that .NET handlers need, and their folders. */
export interface DotnetPackages {
  readonly edge: string;
  readonly compiler: string;
}

/**
 * Finds edge-js and its C# compiler in a project.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` with what to install.
 */
export function findDotnetPackages(projectFolder: string): DotnetPackages {
  const edge = findPackage("edge-js", projectFolder);
  return { edge, compiler: findPackage("edge-cs", edge) };
}

/**
 * Copies the files that .NET handlers need at run time beside a built server.
 *
 * @returns The copied files of the packages, relative to `projectFolder`.
 */
export function copyDotnet(
  { edge, compiler }: DotnetPackages,
  projectFolder: string,
  outFolder: string,
): readonly string[] {
  const modules = join(outFolder, "node_modules");
  for (const name of ["edge-js", "edge-cs"]) {
    rmSync(join(modules, name), { recursive: true, force: true });
  }
  const edgeTarget = join(modules, "edge-js");
  for (const part of EDGE_PARTS) {
    const from = join(edge, part);
    if (existsSync(from)) cpSync(from, join(edgeTarget, part), { recursive: true });
  }
  const native = join(edge, EDGE_NATIVE);
  cpSync(native, join(edgeTarget, EDGE_NATIVE), { recursive: true });
  // Without the install step of edge-js, as on Linux, the libraries of Visual C++ are beside their
  // folders.
  const entries = readdirSync(native, { withFileTypes: true });
  for (const library of entries.filter(({ name }) => name.endsWith(".dll"))) {
    for (const version of entries.filter((entry) => entry.isDirectory())) {
      cpSync(join(native, library.name), join(edgeTarget, EDGE_NATIVE, version.name, library.name));
    }
  }
  cpSync(compiler, join(modules, "edge-cs"), { recursive: true });
  const own = join(projectFolder, DOTNET_FOLDER);
  rmSync(join(outFolder, DOTNET_FOLDER), { recursive: true, force: true });
  if (existsSync(own)) cpSync(own, join(outFolder, basename(own)), { recursive: true });
  return [edge, compiler].map((folder) => relative(projectFolder, join(folder, "package.json")));
}
