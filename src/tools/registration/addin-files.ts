import { readdirSync } from "node:fs";
import { dirname, join, win32 } from "node:path";

import { MANIFEST_FILE } from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE } from "../../runtime/native/binding.ts";
import type { Installation } from "./plan.ts";

// Folders beside server.js that .NET handlers load from.
const FOLDERS = ["dotnet", "node_modules"];

/** Returns the scripts that node.exe runs, the add-in's first; none for an exe. */
export function scriptsOf({ serverScript, writerScript }: Installation): readonly string[] {
  return [serverScript, writerScript].filter((script) => script !== undefined);
}

/** Returns the files that run as LocalSystem, select what runs, or are read by it. */
export function programFiles(installation: Installation): readonly string[] {
  const { nodeExe } = installation;
  const scripts = scriptsOf(installation);
  const [script] = scripts;
  // An exe writes its shim beside itself, where only administrators can write.
  if (script === undefined) return [nodeExe];
  const folder = win32.dirname(script);
  // package.json sets the module type of the scripts; without it, Node.js searches the folders above.
  const beside = [SHIM_FILE, MANIFEST_FILE, "package.json"];
  return [
    nodeExe,
    ...scripts.flatMap((one) => [one, `${one}.map`]),
    ...beside.map((name) => win32.join(folder, name)),
  ];
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
  const [script] = scriptsOf(installation);
  if (script === undefined) return programFiles(installation);
  const below = FOLDERS.flatMap((name) => filesBelow(join(dirname(script), name)));
  return [...programFiles(installation), ...below];
}
