import { readdirSync } from "node:fs";
import { dirname, join, win32 } from "node:path";

import { MANIFEST_FILE, SERVER_MAP_FILE } from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE } from "../../runtime/native/binding.ts";
import type { Installation } from "./plan.ts";

// Folders beside server.js that .NET handlers load from.
const FOLDERS = ["dotnet", "node_modules"];

/** Returns the files that run as LocalSystem, select what runs, or are read by it. */
export function programFiles({ nodeExe, serverScript }: Installation): readonly string[] {
  // An exe writes its shim beside itself, where only administrators can write.
  if (serverScript === undefined) return [nodeExe];
  const folder = win32.dirname(serverScript);
  // package.json sets the module type of server.js; without it, Node.js searches the folders above.
  const beside = [SERVER_MAP_FILE, SHIM_FILE, MANIFEST_FILE, "package.json"];
  return [nodeExe, serverScript, ...beside.map((name) => win32.join(folder, name))];
}

function filesBelow(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => join(entry.parentPath, entry.name));
  } catch {
    // Most add-ins do not have this folder; register reports a folder that cannot be read.
    return [];
  }
}

/** Returns {@link programFiles} and the files that .NET handlers load. */
export function addinFiles(installation: Installation): readonly string[] {
  const { serverScript } = installation;
  if (serverScript === undefined) return programFiles(installation);
  const below = FOLDERS.flatMap((name) => filesBelow(join(dirname(serverScript), name)));
  return [...programFiles(installation), ...below];
}
