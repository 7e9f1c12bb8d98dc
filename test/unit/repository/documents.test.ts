import { existsSync, readdirSync } from "node:fs";
import { dirname, join, posix } from "node:path";

import { describe, expect, it } from "vitest";

import { parseManifest } from "../../../src/runtime/manifest/parse.ts";
import { repository } from "../../generator/generator.ts";
import { codeBlocks, readDocument } from "../../helpers/documents.ts";

const documents = ["", "docs"].flatMap((folder) =>
  readdirSync(join(repository, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => posix.join(folder, name)),
);

const { files }: { files: readonly string[] } = JSON.parse(readDocument("package.json"));

describe("the documents", () => {
  it("link to each other", () => {
    expect(documents.flatMap(linksOf).length).toBeGreaterThan(20);
  });

  it.each(documents)("have only valid links: %s", (file) => {
    const dead = linksOf(file).filter(
      (link) => !existsSync(join(repository, dirname(file), link.replace(/#.*/u, ""))),
    );
    expect(dead).toEqual([]);
  });
});

/** Returns a document's links inside the repository. */
function linksOf(file: string): readonly string[] {
  return [...readDocument(file).matchAll(/\]\((?!https?:)([^)\s]+)\)/gu)].map(
    ([, link = ""]) => link,
  );
}

/** Returns whether npm publishes a file: `files` of package.json, or a file that npm always adds. */
function isPublished(file: string): boolean {
  const always = ["README.md", "LICENSE", "package.json"];
  return [...always, ...files].some((path) => file === path || file.startsWith(`${path}/`));
}

describe("the published documents", () => {
  const published = documents.filter(isPublished);

  it("are those that a user reads", () => {
    expect(published).toEqual(
      expect.arrayContaining(["README.md", "CHANGELOG.md", "docs/json.md"]),
    );
    expect(published).not.toContain("CONTRIBUTING.md");
  });

  it.each(published)("link only to published files: %s", (file) => {
    const missing = linksOf(file)
      .map((link) => posix.join(posix.dirname(file), link.replace(/#.*/u, "")))
      .filter((target) => !isPublished(target));
    expect(missing).toEqual([]);
  });
});

describe("README.md", () => {
  it("shows a valid manifest", () => {
    const [manifest = ""] = codeBlocks("README.md", "json");
    expect(parseManifest(manifest, "README.md").addin).toBeDefined();
  });

  it("has code blocks only in languages that a test runs", () => {
    const languages = [...readDocument("README.md").matchAll(/^```(\w+)$/gmu)].map(
      ([, language]) => language,
    );
    expect(new Set(languages)).toEqual(new Set(["sh", "ts", "json"]));
  });
});
