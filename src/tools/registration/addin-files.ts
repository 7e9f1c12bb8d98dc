import { readdirSync } from "node:fs";
import { dirname, join, win32 } from "node:path";

import { MANIFEST_FILE, SERVER_MAP_FILE } from "../../runtime/manifest/manifest.ts";
import { SHIM_FILE } from "../../runtime/native/binding.ts";
import type { Installation } from "./plan.ts";

// What .NET handlers load, beside server.js.
const FOLDERS = ["dotnet", "node_modules"];

/** The files that every add-in has: each runs as LocalSystem, decides what does, or is read by it. */
export function programFiles({ nodeExe, serverScript }: Installation): readonly string[] {
  // What an exe has not in it, it puts beside itself, where nobody else can put anything.
  if (serverScript === undefined) return [nodeExe];
  const folder = win32.dirname(serverScript);
  // package.json says what server.js is: without one, Node.js looks for one further up.
  const beside = [SERVER_MAP_FILE, SHIM_FILE, MANIFEST_FILE, "package.json"];
  return [nodeExe, serverScript, ...beside.map((name) => win32.join(folder, name))];
}

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

/** The files that make up an add-in: {@link programFiles}, and what its .NET handlers load. */
export function addinFiles(installation: Installation): readonly string[] {
  const { serverScript } = installation;
  if (serverScript === undefined) return programFiles(installation);
  const below = FOLDERS.flatMap((name) => filesBelow(join(dirname(serverScript), name)));
  return [...programFiles(installation), ...below];
}
