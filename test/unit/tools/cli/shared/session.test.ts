import { describe, expect, it } from "vitest";

import {
  inProgress,
  sessionLines,
  type SessionReport,
} from "../../../../../src/tools/cli/shared/session.ts";

const report: SessionReport = {
  sessionId: "4f2c",
  openedAt: "2026-11-01T03:00:00.000Z",
  state: "abandoned",
  undecided: true,
  clients: ["wbengine.exe (process 812)"],
  halfRestored: ["Ledger"],
  stoppedServices: ["ContosoStore", "ContosoLedger"],
};

const START = "recover --start";
const KEEP_STOPPED = "recover --keep-stopped";
const END_ANYWAY = ["recover --force --start", "recover --force --keep-stopped"];

function linesOf(changes: Partial<SessionReport>): string {
  return sessionLines({ ...report, ...changes }).join("\n");
}

describe("what a person reads of an open session", () => {
  it("says how to end one in progress whose restore was cancelled", () => {
    const text = linesOf({ state: "in progress", undecided: false });
    for (const command of END_ANYWAY) expect(text).toContain(command);
    expect(text).not.toContain("half restored");
  });

  it("names the components of an abandoned one, and every way to end it", () => {
    const text = linesOf({});
    for (const part of ["Ledger", "Restore them again", START, KEEP_STOPPED]) {
      expect(text).toContain(part);
    }
  });

  it("does not send anybody back to a restore whose calls fail over a damaged journal", () => {
    const text = linesOf({ damage: "the journal is missing", halfRestored: [] });
    expect(text).not.toContain("Restore them again");
    for (const part of ["the journal is missing", START, KEEP_STOPPED]) {
      expect(text).toContain(part);
    }
  });

  it("has only the start to repeat when nothing is left to decide", () => {
    const text = linesOf({ undecided: false });
    expect(text).toMatch(/To start them: .*recover$/mu);
    expect(text).not.toContain(KEEP_STOPPED);
  });
});

describe("the refusal during a restore", () => {
  it("names client, services and what to do when no restore runs", () => {
    const { code, message } = inProgress({ ...report, state: "in progress", undecided: false });
    expect(code).toBe("ERR_WSB_CONFLICT");
    for (const part of [...report.clients, ...report.stoppedServices, ...END_ANYWAY]) {
      expect(message).toContain(part);
    }
  });
});
