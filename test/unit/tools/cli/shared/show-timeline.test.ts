import { describe, expect, it } from "vitest";

import { entryLines } from "../../../../../src/tools/cli/shared/show-timeline.ts";

describe("entryLines", () => {
  it.each([
    [
      {
        startMs: 7,
        durationMs: 1200,
        step: "PreRestore",
        component: "L\\A",
        hresult: 0,
        failed: false,
      },
      "     7 ms    1200 ms  PreRestore              S_OK  L\\A",
    ],
    [
      {
        startMs: 0,
        durationMs: 5,
        step: "stop service",
        service: "Ledger",
        detail: "No.",
        failed: true,
      },
      "     0 ms       5 ms  stop service            Ledger  No.",
    ],
    [
      {
        startMs: 0,
        durationMs: 0,
        step: "message",
        detail: "a\r\n b",
        failed: false,
      },
      "     0 ms       0 ms  message                 a b",
    ],
  ])("shows %j in one line", (entry, line) => {
    expect(entryLines(entry)).toEqual([line]);
  });
});
