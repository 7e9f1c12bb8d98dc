import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { filesOf } from "./folder-check.ts";
import type { Installation } from "./plan.ts";

// What .NET handlers load, beside server.js.
const FOLDERS = ["dotnet", "node_modules"];

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // It is not there, as in most add-ins, or register's own reading of it will say why not.
    return [];
  }
}

/** The files that make up an add-in, as {@link filesOf}, and those below its folders. */
export function installedFiles(installation: Installation): readonly string[] {
  const { serverScript } = installation;
  if (serverScript === undefined) return filesOf(installation);
  const below = FOLDERS.flatMap((name) => filesBelow(join(dirname(serverScript), name)));
  return [...filesOf(installation), ...below];
}
