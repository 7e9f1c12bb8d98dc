import { existsSync } from "node:fs";

import { addinFolder } from "../../../base/program-data.ts";
import { describeForeign } from "../../../runtime/native/protected-file.ts";
import { programFiles, scriptsOf } from "../../registration/addin-files.ts";
import type { Installation } from "../../registration/plan.ts";
import { MANIFEST_FILE } from "../../../runtime/manifest/manifest.ts";
import {
  notApplicable,
  notVisible,
  ok,
  type AddinCheck,
  type DoctorAddin,
  type Finding,
} from "../check.ts";

/** What is wrong with an application's files and folders. */
export interface FolderFacts {
  /** Files of the program that are missing. */
  readonly missing: readonly string[];
  /** Who else could change what runs as LocalSystem, one line each. */
  readonly writable: readonly string[];
  /** Why the folder with sessions and events is not obeyed. */
  readonly foreign: string | undefined;
}

/** Decides about the files and folders of an application. */
export function judgeFolders(
  { missing, writable, foreign }: FolderFacts,
  { command }: Pick<DoctorAddin, "command">,
): Finding {
  const problems = [
    ...missing.map((path) => `${path} is missing.`),
    ...(foreign === undefined ? [] : [foreign]),
  ];
  if (problems.length > 0) {
    const advice =
      missing.length > 0
        ? `Install the application again, then run: ${command("register")}`
        : "Find out who made it. The next call of the add-in sets it aside.";
    return { verdict: "fail", found: [...problems, ...writable].join("\n"), advice };
  }
  if (writable.length > 0) {
    return {
      verdict: "warn",
      found: writable.join("\n"),
      advice: "Install the application and node.exe below C:\\Program Files, then register again.",
    };
  }
  return ok("Only administrators can change the application's files.");
}

// A program does not start without these; others depend on the application.
function requiredFiles(installation: Installation): readonly string[] {
  const scripts = scriptsOf(installation);
  return programFiles(installation).filter(
    (path) =>
      scripts.includes(path) ||
      /\.exe$|\.node$/iu.test(path) ||
      path.endsWith(`\\${MANIFEST_FILE}`),
  );
}

export const foldersCheck: AddinCheck = {
  id: "folders",
  title: "Files present, and only administrators can change them",
  why: "They run as LocalSystem: whoever can change them owns the server.",
  about: "application",
  run: async (addin, { api }) => {
    const { installation, writerId, clsid = writerId, registration } = addin;
    if (installation === undefined) return notApplicable("No program of wsb-addin is registered.");
    if (!api.isElevated()) return notVisible("Who can change the files");
    const missing = requiredFiles(installation).filter((path) => !existsSync(path));
    const foreign = describeForeign(api, addinFolder(clsid));
    const { warnings } = await registration();
    const writable = warnings.filter((text) => text !== foreign);
    return judgeFolders({ missing, writable, foreign }, addin);
  },
};
