import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";

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

/** Returns the text of a document without its code, in which nothing is a heading or a link. */
function withoutCode(text: string): string {
  return text.replaceAll(/^```.*?^```$/gmsu, "").replaceAll(/`[^`\n]*`/gu, "code");
}

/** Returns the links of a document that are not addresses of the web. */
export function linksOf(text: string): readonly string[] {
  return [
    ...withoutCode(text).matchAll(/\]\((?!https?:)([^)\s]+)\)|^\[[^\]]+\]: (?!https?:)(\S+)/gmu),
  ].map(([, inline, reference]) => inline ?? reference ?? "");
}

/** Returns the anchors of a document, those of its headings as GitHub and npm make them. */
export function anchorsOf(text: string): ReadonlySet<string> {
  const blockless = text.replaceAll(/^```.*?^```$/gmsu, "");
  const headings = [...blockless.matchAll(/^#{1,6} (.+)$/gmu)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\p{Pc}\- ]/gu, "")
      .replaceAll(" ", "-"),
  );
  const own = [...blockless.matchAll(/<a id="([^"]+)">/gu)].map(([, id = ""]) => id);
  return new Set([...headings, ...own]);
}

/** Returns the links of a document that lead nowhere in its folder. */
export function deadLinks(folder: string, file: string): readonly string[] {
  return linksOf(readFileSync(join(folder, file), "utf8")).filter((link) => {
    const [path = "", anchor] = link.split("#");
    const target = path === "" ? file : posix.join(posix.dirname(file), path);
    if (target.startsWith("..") || !existsSync(join(folder, target))) return true;
    return (
      anchor !== undefined && !anchorsOf(readFileSync(join(folder, target), "utf8")).has(anchor)
    );
  });
}
