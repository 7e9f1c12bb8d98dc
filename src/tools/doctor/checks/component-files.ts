import { existsSync } from "node:fs";

import { notApplicable, ok, type AddinCheck, type Finding } from "../check.ts";

/** Decides whether the folders of the components exist. */
export function judgeFolders(paths: readonly string[], exists: (path: string) => boolean): Finding {
  const missing = paths.filter((path) => !exists(path));
  if (missing.length === 0) return ok(`${paths.length} folders of components exist.`);
  return {
    verdict: "fail",
    found: missing.map((path) => `${path} does not exist.`).join("\n"),
    advice:
      "Create these folders, or correct the paths of the components. An environment variable must be one of the machine.",
  };
}

export const componentFilesCheck: AddinCheck = {
  id: "component-files",
  title: "Folders of the components",
  why: "A component whose folder does not exist is in a backup without its files.",
  about: "application",
  run: ({ componentPaths }) =>
    componentPaths === undefined
      ? notApplicable("Give the writer's metadata document with --metadata to check this.")
      : judgeFolders(componentPaths, existsSync),
};
