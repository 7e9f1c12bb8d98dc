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
// The cabinet holds the files' times, without a zone.
const EARLIEST = new Date(Date.UTC(1980, 0, 1));

type Step = Pick<Tool, "program" | "args">;

/** Programs that build MSI packages, by the name that the PATH has them under. */
export interface MsiTools {
  readonly find: (name: string) => string | undefined;
  readonly platform: NodeJS.Platform;
  /** Folder of the WiX Toolset 3, as its installer sets `WIX`. */
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
    // Its checks need a service that not every build agent runs.
    { program: light, args: ["-nologo", "-sval", "-spdb", "-out", OUTPUT, ...objects] },
  ];
}

/**
 * Says which programs build an MSI package here: the WiX Toolset 3 on Windows, wixl elsewhere.
 *
 * @throws {@link WsbError} `ERR_WSB_BUILD` with how to install what is missing.
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
      "An MSI package is built by the WiX Toolset 3, and there is no candle.exe on the PATH and no variable WIX; nothing was written. Install it (winget install WiXToolset.WiXToolset), or pack with --format zip.",
    );
  }
  const wixl = tools.find("wixl");
  if (wixl !== undefined) {
    return [{ program: wixl, args: ["-a", "x64", "-o", OUTPUT, INSTALLER, REGISTRATION] }];
  }
  throw new WsbError(
    "ERR_WSB_BUILD",
    "An MSI package is built by wixl, and there is none on the PATH; nothing was written. On Debian or Ubuntu: apt-get install -y --no-install-recommends wixl",
  );
}

/**
 * Builds an MSI package. The same input gives the same bytes: its code follows from its content.
 *
 * @param folder Holds the files that the sources name; more is written into it.
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
      nextStep: "Look at the output above.",
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
      `The MSI package is not as expected: ${errorText(error)}. Report it.`,
      {
        cause: error,
      },
    );
  }
}
