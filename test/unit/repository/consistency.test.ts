import { readFileSync } from "node:fs";
import { join, win32 } from "node:path";

import { describe, expect, it, vi } from "vitest";

import { repository } from "../../generator/generator.ts";
import { codeBlocks } from "../../helpers/documents.ts";
import { checkConsistency } from "../../fixtures/docs/check-consistency.ts";
import { context } from "../../fixtures/docs/consistency-context.ts";

const SNAPSHOT = "\\\\?\\Volume{c1d5e0aa-0000-0000-0000-100000000000}\\";

function noMetadata(): never {
  throw new Error("The handler asks for no metadata.");
}

function check(componentName: string, snapshot: string | null, run = vi.fn()) {
  const volumes = [{ source: null, snapshot }];
  const request = {
    componentName,
    logicalPath: null,
    writerMetadata: null,
    metadata: noMetadata,
    volumes,
  };
  return checkConsistency(request, { ...context, run });
}

describe("docs/consistency.md", () => {
  it("shows the tested code", () => {
    const blocks = codeBlocks("docs/consistency.md", "ts");
    const files = ["check-consistency.ts", "consistency-context.ts"];
    const fixtures = files.map((file) => join(repository, "test/fixtures/docs", file));
    expect(blocks).toEqual(fixtures.map((file) => readFileSync(file, "utf8")));
  });

  it("has a handler that checks both files on the shadow copy", async () => {
    const run = vi.fn(context.run);
    await check("Ledger", SNAPSHOT, run);
    const checked = run.mock.calls.map(([{ args }]) => args?.at(-1));
    expect(checked).toEqual([`${SNAPSHOT}Ledger\\accounts.db`, `${SNAPSHOT}Ledger\\journal.db`]);
  });

  it("has a handler that checks its own component, and fails without a shadow copy", async () => {
    expect(check("Archive", SNAPSHOT)).toBeNull();
    await expect(check("Ledger", null)).rejects.toThrow("no shadow copy");
  });

  it.each([SNAPSHOT, "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy3\\"])(
    "appends to %s as documented",
    (snapshot) => {
      expect(win32.join(snapshot, "Ledger", "a.db")).toBe(`${snapshot}Ledger\\a.db`);
      // The result of every function of node:fs.
      expect(win32.toNamespacedPath(snapshot)).toBe(snapshot.slice(0, -1));
    },
  );
});
