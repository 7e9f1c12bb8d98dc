import { readdirSync } from "node:fs";
import { join, posix } from "node:path";

import { describe, expect, it } from "vitest";

import { WSB_ERROR_CODES } from "../../../src/base/errors.ts";
import { EVENTS } from "../../../src/runtime/events/definitions.ts";
import { parseManifest } from "../../../src/runtime/manifest/parse.ts";
import { repository } from "../../generator/generator.ts";
import { BROKEN_OFF_PAGE, errorPage } from "../../../src/tools/cli/shared/docs-page.ts";
import {
  anchorsOf,
  codeBlocks,
  deadLinks,
  linksOf,
  readDocument,
} from "../../helpers/documents.ts";
import { readMessages } from "../../helpers/message-table.ts";

const documents = ["", "docs"].flatMap((folder) =>
  readdirSync(join(repository, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => posix.join(folder, name)),
);

const { files }: { files: readonly string[] } = JSON.parse(readDocument("package.json"));

describe("the documents", () => {
  it("link to each other", () => {
    expect(documents.flatMap((file) => linksOf(readDocument(file))).length).toBeGreaterThan(20);
  });

  it.each(documents)("link only to files and headings that exist: %s", (file) => {
    expect(deadLinks(repository, file)).toEqual([]);
  });
});

describe("the pages of errors and events", () => {
  const errors = anchorsOf(readDocument("docs/errors.md"));
  const events = anchorsOf(readDocument("docs/events.md"));

  it.each(WSB_ERROR_CODES)("have a section about %s, which its error names", (code) => {
    const [page, anchor = ""] = errorPage(code).split("#");
    expect(page).toBe("errors.md");
    expect(errors).toContain(anchor);
  });

  it("have the section that log names after a restore that broke off", () => {
    const [page = "", anchor = ""] = BROKEN_OFF_PAGE.split("#");
    expect(anchorsOf(readDocument(`docs/${page}`))).toContain(anchor);
  });

  it("have no section about a code that does not exist", () => {
    const sections = [...errors].filter((anchor) => anchor.startsWith("err_"));
    expect(sections.toSorted()).toEqual(
      WSB_ERROR_CODES.map((code) => code.toLowerCase()).toSorted(),
    );
  });

  // The steps of a simulation are not written to a file.
  const written = EVENTS.map(({ name }) => name).filter((name) => name !== "stepTaken");
  it.each(written)("have a row about the event %s", (name) => {
    expect(events).toContain(name.toLowerCase());
  });

  it.each(readMessages())("have a row about event $id, which its text names", ({ id, text }) => {
    expect(text.split("%n").at(-1)).toBe(
      `See docs/events.md#event-${id} in the npm package wsb-addin.`,
    );
    expect(events).toContain(`event-${id}`);
  });
});

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
    const missing = linksOf(readDocument(file))
      .map((link) => (link.startsWith("#") ? `${posix.basename(file)}${link}` : link))
      .map((link) => posix.join(posix.dirname(file), link.replace(/#.*/u, "")))
      .filter((target) => !isPublished(target));
    expect(missing).toEqual([]);
  });
});

describe("docs/writer.md", () => {
  it("shows a valid manifest with a declared writer", () => {
    const [manifest = ""] = codeBlocks("docs/writer.md", "json");
    expect(parseManifest(manifest, "docs/writer.md").writer.kind).toBe("declared");
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
