import { readFileSync } from "node:fs";
import { join } from "node:path";

import { repository } from "../generator/generator.ts";

/** Reads a document of the repository. */
export function readDocument(file: string): string {
  return readFileSync(join(repository, file), "utf8");
}

/** Returns a document's code blocks in a language, in order. */
export function codeBlocks(file: string, language: string): readonly string[] {
  const pattern = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gmsu");
  return [...readDocument(file).matchAll(pattern)].map(([, code = ""]) => code);
}
