import { accessSync, constants, existsSync, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";

import { WsbError } from "../errors.ts";

const DEBIAN_WINE = "/usr/bin/wine-stable";
const DEBIAN_WINE64 = "/usr/lib/wine/wine64";

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findProgram(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, name)).find((path) => isExecutable(path));
}

/** Returns the Debian packages whose programs the lab needs and this machine does not have. */
export function missingLabPackages(): readonly string[] {
  const wine = findProgram("wine");
  if (wine === undefined || findProgram("wineserver") === undefined) return ["wine", "wine64"];
  // Debian's `wine` is a script that needs the loader of another package.
  const isDebians = realpathSync(wine) === DEBIAN_WINE;
  return isDebians && !existsSync(DEBIAN_WINE64) ? ["wine64"] : [];
}

/**
 * Makes sure that the lab can run here.
 *
 * @throws {@link WsbError} `ERR_WSB_LAB` with the command that installs what is missing.
 */
export function requireLabPackages(): void {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new WsbError(
      "ERR_WSB_LAB",
      `The lab runs on Linux x64, and this is ${process.platform} ${process.arch}. Use a Linux machine or a container.`,
    );
  }
  const missing = missingLabPackages();
  if (missing.length === 0) return;
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const next = isExecutable("/usr/bin/apt-get")
    ? `Run: ${sudo}apt-get install -y --no-install-recommends ${missing.join(" ")}`
    : "Install Wine 8 or later for 64-bit programs with your distribution's package manager.";
  throw new WsbError("ERR_WSB_LAB", `The lab needs Wine, and it is not installed. ${next}`);
}
