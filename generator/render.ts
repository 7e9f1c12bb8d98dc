import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fillFiles } from "./files.ts";
import type { ProjectFile } from "./layers.ts";

/** Lends a folder that is gone afterwards. */
export async function inTemporaryFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "wsb-addin-grow-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Texts of templates, by the paths they are for. */
export async function render(
  values: object,
  files: readonly ProjectFile[],
): Promise<ReadonlyMap<string, string>> {
  const contents = await fillFiles(values, files);
  return new Map([...contents].map(([path, content]) => [path, content.toString()]));
}

/** Text of a file; `undefined` when there is none. */
export function readText(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** Writes new files, by their paths below a folder. */
export function writeTexts(texts: ReadonlyMap<string, string>, staging: string): void {
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(staging, path)), { recursive: true });
    writeFileSync(join(staging, path), text, { flag: "wx" });
  }
}
