import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../fixtures/0.1.0", import.meta.url));

/** Returns the path of a file or folder that 0.1.0 wrote; test/fixtures/0.1.0/README.md lists them. */
export function pathOf010(...names: readonly string[]): string {
  return join(root, ...names);
}

export function read010(...names: readonly string[]): string {
  return readFileSync(pathOf010(...names), "utf8");
}

/** Lists the names in a folder that end with `ending`, without it. */
export function names010(folder: string, ending = ""): readonly string[] {
  return readdirSync(pathOf010(folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, name.length - ending.length))
    .toSorted();
}
