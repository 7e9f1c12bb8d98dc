import { describe, expect, it } from "vitest";

import {
  exitCodeOfAll,
  showAll,
  type ApplicationStatus,
} from "../../../../../src/tools/cli/shared/all-applications.ts";
import { CLSID, WRITER_ID } from "../../../../helpers/manifest.ts";

function applicationWith(fields: Partial<ApplicationStatus> = {}): ApplicationStatus {
  return {
    name: "Contoso Ledger",
    writerId: WRITER_ID,
    clsid: CLSID,
    condition: "as written",
    problems: [],
    ...fields,
  };
}

describe("the exit code of status --all", () => {
  it.each([
    [0, []],
    [0, ["as written", "not compared"]],
    [1, ["as written", "differs"]],
    [1, ["abandoned restore"]],
    [5, ["as written", "not visible"]],
    [1, ["not visible", "half done"]],
  ] as const)("is %i for %j", (code, conditions) => {
    const applications = conditions.map((condition) => applicationWith({ condition }));
    expect(exitCodeOfAll({ applications, orphans: [] })).toBe(code);
  });

  it("is 1 for an open session of an add-in that is not registered", () => {
    expect(exitCodeOfAll({ applications: [], orphans: [CLSID] })).toBe(1);
  });
});

function shown(applications: readonly ApplicationStatus[], orphans: readonly string[] = []) {
  const lines: string[] = [];
  const screen = { line: (text: string) => lines.push(text), note: () => {} };
  showAll({ applications, orphans }, true, screen);
  return lines.join("\n");
}

describe("what status --all shows", () => {
  it("has the last restore and the problems of each application", () => {
    const lastRestore = {
      sessionId: "4f2c",
      headline: "PreRestore of A failed: No. Further failures: 1.",
      started: "2026-11-01T03:00:00.000Z",
      ended: "2026-11-01T03:10:00.000Z",
      verdict: "failed",
      failures: 2,
      leftStopped: ["ContosoLedger"],
    } as const;
    const text = shown([applicationWith({ condition: "differs", problems: ["P."], lastRestore })]);
    for (const part of [
      "Contoso Ledger: differs",
      "Problem: P.",
      "PreRestore of A failed: No.",
      "ContosoLedger",
    ]) {
      expect(text).toContain(part);
    }
    expect(text).toContain(`doctor --writer-id ${WRITER_ID}`);
  });

  it("says that there was no restore, and that there is no application", () => {
    expect(shown([applicationWith()])).toContain("No restore so far.");
    expect(shown([])).toContain("No application");
  });

  it("names an add-in with an open session that is not registered", () => {
    expect(shown([], [CLSID])).toContain(CLSID);
  });
});
