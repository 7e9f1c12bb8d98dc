import { basename, join } from "node:path";

import { afterEach, describe, expect, it, vi } from "vitest";

import {
  DOCS_VARIABLE,
  seePage,
  shownDocsFolder,
} from "../../../../../src/tools/cli/shared/docs-page.ts";
import { entryLines } from "../../../../../src/tools/cli/shared/show-timeline.ts";
import { repository } from "../../../../generator/generator.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("shownDocsFolder", () => {
  it("is relative to a folder above the package", () => {
    expect(shownDocsFolder(repository)).toBe("docs");
    expect(shownDocsFolder(join(repository, ".."))).toBe(`${basename(repository)}/docs`);
  });

  it("is a full path elsewhere", () => {
    for (const folder of ["src", "docs"]) {
      expect(shownDocsFolder(join(repository, folder))).toBe(join(repository, "docs"));
    }
  });

  it("is the path outside of the lab", () => {
    vi.stubEnv(DOCS_VARIABLE, "node_modules/wsb-addin/docs");
    expect(shownDocsFolder(repository)).toBe("node_modules/wsb-addin/docs");
    expect(seePage("errors.md#err_wsb_file")).toBe(
      "See node_modules/wsb-addin/docs/errors.md#err_wsb_file",
    );
  });
});

function failed(code: string): string {
  const failure = { code, text: "No." };
  const entry = { startMs: 0, durationMs: 1, step: "PreRestore", failed: true, failure } as const;
  return entryLines(entry).join("\n");
}

describe("a failed call in a timeline", () => {
  it("names the page about a code of wsb-addin, and no page about another code", () => {
    expect(failed("ERR_WSB_TIMEOUT")).toContain("See docs/errors.md#err_wsb_timeout");
    expect(failed("ECONNREFUSED")).not.toContain("See ");
  });
});
