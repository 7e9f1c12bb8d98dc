import { existsSync } from "node:fs";
import { join } from "node:path";

import type { NativeBinding, ServiceDescription } from "../../../runtime/native/binding.ts";
import { decodeString } from "../../registration/registry-value.ts";
import { notApplicable, ok, type Finding, type MachineCheck } from "../check.ts";
import { serviceProblem } from "./service-problem.ts";

/** What tells whether Windows Server Backup is installed. */
export interface FeatureFacts {
  /** @see {@link readInstallationType} */
  readonly installationType: string | undefined;
  /** The Block Level Backup Engine Service, which comes with the feature. */
  readonly engine: ServiceDescription | null;
  /** Whether the console is there, which comes with Windows Server and its administration tools. */
  readonly hasConsole: boolean;
}

const INSTALL = "Run in PowerShell, as administrator: Install-WindowsFeature Windows-Server-Backup";

/** Decides whether the feature is installed, and not only its console. */
export function judgeFeature({ installationType, engine, hasConsole }: FeatureFacts): Finding {
  if (installationType === "Client") {
    return notApplicable(
      "This is a desktop Windows; Windows Server Backup is a feature of servers.",
    );
  }
  if (engine === null) {
    const found = hasConsole
      ? "Only the console of Windows Server Backup is here; the feature is not installed."
      : "The feature Windows Server Backup is not installed.";
    return { verdict: "fail", found, advice: INSTALL };
  }
  const problem = serviceProblem(engine);
  if (problem === undefined) return ok("The feature is installed.");
  return {
    verdict: "fail",
    found: `Its service wbengine ${problem}.`,
    advice: engine.startType === "disabled" ? "Run: sc.exe config wbengine start= demand" : INSTALL,
  };
}

/** Returns the kind of this Windows: Client, Server, Server Core …; `undefined` if it is not told. */
export function readInstallationType(
  api: Pick<NativeBinding, "readRegistryValue">,
): string | undefined {
  return decodeString(api.readRegistryValue(VERSION_KEY, "InstallationType"));
}

const VERSION_KEY = "SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";

export const backupFeatureCheck: MachineCheck = {
  id: "backup-feature",
  title: "Windows Server Backup installed",
  why: "Without the feature, nothing backs up or restores the application with this add-in.",
  about: "machine",
  absentInWine: "Wine has no Windows Server Backup; wsb-addin simulate stands in for it.",
  run: async ({ api }) =>
    judgeFeature({
      installationType: readInstallationType(api),
      engine: await api.describeService("wbengine"),
      hasConsole: existsSync(join(api.knownFolders().windows, "System32", "wbadmin.msc")),
    }),
};
