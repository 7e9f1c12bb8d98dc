import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { runTool, type Tool } from "../../base/child-process.ts";
import { WsbError, errorText } from "../../base/errors.ts";
import { findProgram } from "../../base/find-program.ts";
import { nameGuid } from "../../base/guid.ts";
import { sha256 } from "./sbom.ts";
import type { InstallerSources } from "./msi-installer.ts";
import { setSummary } from "./msi-summary.ts";

const INSTALLER = "installer.wxs";
const REGISTRATION = "registration.wxs";
const OUTPUT = "output.msi";
// The cabinet stores the files' times without a time zone.
const EARLIEST = new Date(Date.UTC(1980, 0, 1));

type Step = Pick<Tool, "program" | "args">;

/** The programs on this machine that build MSI packages. */
export interface MsiTools {
  readonly find: (name: string) => string | undefined;
  readonly platform: NodeJS.Platform;
  /** The folder of the WiX Toolset 3, from the variable `WIX`, which its installer sets. */
  readonly wix: string | undefined;
}

const machineTools: MsiTools = {
  find: findProgram,
  platform: process.platform,
  wix: process.env["WIX"],
};

function wixSteps(candle: string, light: string): readonly Step[] {
  const sources = [INSTALLER, REGISTRATION];
  const objects = sources.map((name) => name.replace(/wxs$/u, "wixobj"));
  return [
    { program: candle, args: ["-nologo", "-arch", "x64", ...sources] },
    // -sval skips the validation, which needs a service that some build agents do not run.
    { program: light, args: ["-nologo", "-sval", "-spdb", "-out", OUTPUT, ...objects] },
  ];
}

/**
 * Returns the commands that build an MSI package here: the WiX Toolset 3 on Windows, else wixl.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` that says how to install a missing program.
 */
export function msiSteps(tools: MsiTools = machineTools): readonly Step[] {
  if (tools.platform === "win32") {
    const bin = tools.wix === undefined ? undefined : join(tools.wix, "bin");
    const path = (name: string): string | undefined =>
      bin === undefined ? tools.find(name) : join(bin, name);
    const [candle, light] = [path("candle.exe"), path("light.exe")];
    if (candle !== undefined && light !== undefined) return wixSteps(candle, light);
    throw new WsbError(
      "ERR_WSB_BUILD",
      "Cannot find the WiX Toolset 3, which builds MSI packages: candle.exe is not on the PATH and the variable WIX is not set. Nothing was written. Install it (winget install WiXToolset.WiXToolset), or pack with --format zip.",
    );
  }
  const wixl = tools.find("wixl");
  if (wixl !== undefined) {
    return [{ program: wixl, args: ["-a", "x64", "-o", OUTPUT, INSTALLER, REGISTRATION] }];
  }
  throw new WsbError(
    "ERR_WSB_BUILD",
    "Cannot find wixl, which builds MSI packages, on the PATH. Nothing was written. On Debian or Ubuntu, run: apt-get install -y --no-install-recommends wixl",
  );
}

/**
 * Builds an MSI package. The same input gives the same bytes: the package code depends only on the
 * contents.
 *
 * @param folder The folder with the files of the sources, also used for temporary files.
 * @throws {@link WsbError} `ERR_WSB_BUILD` with the output of the program that failed.
 */
export async function buildMsi(
  folder: string,
  files: readonly string[],
  sources: InstallerSources,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  const steps = msiSteps();
  writeFileSync(join(folder, INSTALLER), sources.installer);
  writeFileSync(join(folder, REGISTRATION), sources.registration);
  for (const name of files) utimesSync(join(folder, name), EARLIEST, EARLIEST);
  for (const { program, args } of steps) {
    await runTool({
      program,
      args,
      cwd: folder,
      env: { TZ: "UTC" },
      errorCode: "ERR_WSB_BUILD",
      nextStep: "Fix the errors in the output above.",
      signal,
    });
  }
  const digests = files.map((name) => sha256(readFileSync(join(folder, name))));
  const { installer, registration } = sources;
  const packageCode = nameGuid(["package", installer, registration, ...digests].join("\n"));
  try {
    return setSummary(readFileSync(join(folder, OUTPUT)), packageCode);
  } catch (error) {
    throw new WsbError(
      "ERR_WSB_BUILD",
      `Cannot set the package code of the MSI package: ${errorText(error)}. Report this as a bug.`,
      {
        cause: error,
      },
    );
  }
}
