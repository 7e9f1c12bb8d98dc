import { copyFileSync, existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

import { runTool } from "../../base/child-process.ts";
import { WsbError } from "../../base/errors.ts";
import { SHIM_FOLDER } from "../../base/shim-source.ts";
import { SHIM_FILE } from "../../runtime/native/binding.ts";
import { buildPackages, readOwnShim } from "./own-shim.ts";

const TRIPLE = "x86_64-w64-mingw32";

/** Finds the project's cmake-js. */
function findCmakeJs(projectFolder: string): string {
  const require = createRequire(join(projectFolder, "package.json"));
  try {
    return join(dirname(require.resolve("cmake-js/package.json")), "bin", "cmake-js");
  } catch {
    throw new WsbError(
      "ERR_WSB_BUILD",
      `The build of a shim needs cmake-js, which the project does not have. Run: npm install --save-dev --save-exact ${buildPackages().join(" ")}`,
    );
  }
}

/** Returns the options for mingw-w64, which builds for Windows on other systems. */
function crossArguments(folder: string): readonly string[] {
  if (process.platform === "win32") return [];
  const toolchain = join(folder, "cmake", "mingw-w64-x86_64.cmake");
  // Set explicitly, because cmake-js otherwise requires a compiler for this machine.
  const compilers = ["--cc", `${TRIPLE}-gcc-posix`, "--cxx", `${TRIPLE}-g++-posix`];
  return ["-G", "Ninja", ...compilers, `--CDCMAKE_TOOLCHAIN_FILE=${toolchain}`];
}

/**
 * Builds the shim from the project's source with cmake-js: MSVC on Windows, mingw-w64 on Linux.
 *
 * @returns Path of the shim.
 * @throws {@link WsbError} `ERR_WSB_BUILD` with the compiler's output.
 */
export async function buildShim(projectFolder: string, signal?: AbortSignal): Promise<string> {
  const own = readOwnShim(projectFolder);
  if (own === undefined) {
    throw new WsbError(
      "ERR_WSB_BUILD",
      `${join(projectFolder, SHIM_FOLDER)} has no source of a shim. Copy it there: wsb-addin shim eject`,
    );
  }
  const { folder, binary } = own;
  const output = join(folder, "build");
  await runTool({
    program: process.execPath,
    args: [
      findCmakeJs(projectFolder),
      "compile",
      "-d",
      folder,
      "-O",
      output,
      ...crossArguments(folder),
    ],
    cwd: projectFolder,
    errorCode: "ERR_WSB_BUILD",
    nextStep:
      process.platform === "win32"
        ? "Install CMake and the C++ workload of the Visual Studio Build Tools."
        : "Install the tools, on Debian or Ubuntu: apt-get install -y --no-install-recommends cmake ninja-build g++-mingw-w64-x86-64-posix",
    signal,
  });
  // Visual Studio writes its output into a folder per configuration.
  const release = join(output, "Release", SHIM_FILE);
  if (existsSync(release)) copyFileSync(release, binary);
  return binary;
}
