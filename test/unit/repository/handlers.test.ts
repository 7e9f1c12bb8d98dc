import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it, vi } from "vitest";

import { HANDLER_NAMES } from "../../../src/base/handler-name.ts";
import { defineAddin } from "../../../src/index.ts";
import { createTestHost } from "../../../src/testing/index.ts";
import { restoreAbandoned } from "../../fixtures/docs/restore-abandoned.ts";
import { repository } from "../../generator/generator.ts";
import { codeBlocks } from "../../helpers/documents.ts";

const component = { componentName: "Ledger", noRollForward: false };

function decide(noRollForward: boolean | null, exitCode: number) {
  const runProgram = vi.fn(() => ({ exitCode, output: "accounts.db is torn" }));
  const host = createTestHost(defineAddin({ restoreAbandoned }), { runProgram });
  return host.restoreAbandoned({ components: [{ ...component, noRollForward }] });
}

describe("docs/handlers.md", () => {
  it("shows the tested code", () => {
    const file = join(repository, "test/fixtures/docs/restore-abandoned.ts");
    expect(codeBlocks("docs/handlers.md", "ts")).toEqual([readFileSync(file, "utf8")]);
  });

  it("lists every handler, as the README does", () => {
    for (const document of ["docs/handlers.md", "README.md"]) {
      const text = readFileSync(join(repository, document), "utf8");
      expect(HANDLER_NAMES.filter((name) => !text.includes(`\`${name}\``))).toEqual([]);
    }
  });

  it("has a handler that starts the services if the files are whole", async () => {
    expect(await decide(false, 0)).toEqual({ decision: "startServices" });
  });

  it.each([
    ["the files are damaged", false, 2],
    ["it was a point-in-time recovery", true, 0],
    ["nobody knows what it was", null, 0],
  ])("keeps them stopped if %s", async (_, noRollForward, exitCode) => {
    expect(await decide(noRollForward, exitCode)).toMatchObject({ decision: "keepStopped" });
  });
});
