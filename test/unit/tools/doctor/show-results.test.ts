import { describe, expect, it } from "vitest";

import type { CheckResult } from "../../../../src/tools/doctor/run-checks.ts";
import { resultsLines, wrap } from "../../../../src/tools/doctor/show-results.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";

const failed: CheckResult = {
  id: "services",
  title: "Services of the application can start",
  why: "A restore refuses to stop a service that it could not start again, and says so in its answer.",
  verdict: "fail",
  writerId: WRITER_ID,
  found: "ContosoLedger is disabled.\nContosoStore does not exist.",
  advice: 'Enable it, from an elevated prompt:\nsc.exe config "ContosoLedger" start= demand',
};
const fine: CheckResult = {
  id: "vss-writers",
  title: "Writers listed and stable",
  why: "Why.",
  verdict: "ok",
  found: "vssadmin lists 11 writers, all stable.",
};
const skipped: CheckResult = { ...fine, id: "volumes", verdict: "not applicable", found: "No." };
const addins = [{ name: "Contoso Ledger", writerId: WRITER_ID }];

describe("what a person reads", () => {
  const lines = resultsLines([failed, fine, skipped, { ...skipped, id: "node" }], addins);

  it("fits into 80 columns", () => {
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("ends with the problems, and with their number", () => {
    expect(lines.at(-1)).toBe("1 problem, 1 check ok.");
    expect(lines.findIndex((line) => line.startsWith("FAILED"))).toBeGreaterThan(
      lines.findIndex((line) => line.startsWith("ok ")),
    );
  });

  it("says of a problem what was found, why it matters and what to do", () => {
    const text = lines.join("\n");
    for (const part of ["Contoso Ledger", "[services]", "is disabled.", "Why: A restore"]) {
      expect(text).toContain(part);
    }
    // A command stands on its own line, to be copied.
    expect(lines).toContain('              sc.exe config "ContosoLedger" start= demand');
  });

  it("names what was not checked once for each reason", () => {
    expect(lines[0]).toBe("not here No. [volumes, node]");
  });
});

it("wrap keeps a long word whole", () => {
  const path = `C:\\${"x".repeat(100)}`;
  expect(wrap(`in ${path} here`, 20)).toEqual(["in", path, "here"]);
});
