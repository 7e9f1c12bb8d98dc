import { existsSync } from "node:fs";

import { WsbError } from "../../base/errors.ts";
import { findProgram } from "../../base/find-program.ts";
import { findWineserver, readWineVersion } from "./wine.ts";

const APT_GET = "/usr/bin/apt-get";

function missingPackages(): readonly string[] {
  // Debian's `wine` is a script; the program it starts is in the package `wine64`.
  const isThere = findProgram("wine") !== undefined && findWineserver() !== undefined;
  return isThere ? ["wine64"] : ["wine", "wine64"];
}

/**
 * Checks that the lab can run here and returns the version of Wine.
 *
 * @throws {@link WsbError} `ERR_WSB_LAB` with the command that installs the missing packages.
 */
export function requireWine(): string {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new WsbError(
      "ERR_WSB_LAB",
      `The lab needs Linux x64; this system is ${process.platform} ${process.arch}. Use a Linux machine or a container.`,
    );
  }
  const version = readWineVersion();
  if (version !== undefined) return version;
  const sudo = process.getuid?.() === 0 ? "" : "sudo ";
  const next = existsSync(APT_GET)
    ? `Run: ${sudo}apt-get install -y --no-install-recommends ${missingPackages().join(" ")}`
    : "Install Wine 8 or later for 64-bit programs with your distribution's package manager.";
  throw new WsbError(
    "ERR_WSB_LAB",
    `The lab needs Wine, which is missing or does not run. ${next}`,
  );
}
