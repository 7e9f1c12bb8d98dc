import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import type { AddinEvent, EventLine } from "../../../src/runtime/events/definitions.ts";
import { readEventFolder } from "../../../src/runtime/events/read-events.ts";
import { rotatedFiles } from "../../../src/runtime/events/rotating-file.ts";
import { readHistory } from "../../../src/tools/report/history.ts";
import { splitRuns } from "../../../src/tools/report/runs.ts";
import { summarize } from "../../../src/tools/report/summary.ts";
import { toTimeline } from "../../../src/tools/report/to-timeline.ts";
import { names010, pathOf010 } from "../../helpers/files-of-0-1-0.ts";

const eventNames: readonly AddinEvent["event"][] = [
  "callAnswered",
  "callReceived",
  "checkFinished",
  "handlerFailed",
  "message",
  "serverLost",
  "serverStarted",
  "serverStopped",
  "serviceFailed",
  "serviceStarted",
  "serviceStarting",
  "serviceStopped",
  "serviceStopping",
  "sessionClosed",
  "sessionOpened",
];

/** The summary of a run for people; failures are without messages. */
interface ToldRun {
  readonly verdict: string;
  readonly leftStopped?: readonly string[];
  readonly roles?: readonly string[];
  /** The calls, and the checks that they started. */
  readonly calls: number;
  readonly failed?: readonly string[];
}

const folders: Readonly<Record<string, { lines: number; runs: readonly ToldRun[] }>> = {
  completed: {
    lines: 42,
    runs: [
      { verdict: "completed", calls: 6 },
      { verdict: "calls", calls: 4 },
    ],
  },
  names: {
    lines: 40,
    runs: [
      {
        verdict: "failed",
        calls: 10,
        failed: ["PreRestore Contoso Ledger\\Typo", "PreRestore Contoso Ledger\\Locked"],
      },
    ],
  },
  failed: {
    lines: 84,
    runs: [
      {
        verdict: "failed",
        calls: 14,
        failed: [
          "OrderComponents",
          "PreRestore Contoso Ledger\\Locked",
          "PreRestore Contoso Ledger\\Typo",
          "PreRestore Contoso Ledger\\Shared",
          "PreRestore Contoso Ledger\\Text",
          "PreRestore Contoso Ledger\\Loud",
          "PreRestore Contoso Ledger\\Slow",
          "PreRestore Contoso Ledger\\Exit",
        ],
      },
      {
        verdict: "failed",
        calls: 1,
        failed: ["PreRestore Contoso Ledger\\Locked", "session closed"],
      },
      {
        verdict: "failed",
        calls: 2,
        failed: ["PostRestore Contoso Ledger\\After", "session closed"],
      },
    ],
  },
  checks: {
    lines: 48,
    runs: [
      {
        verdict: "failed",
        calls: 18,
        failed: [
          "check Contoso Ledger\\Locked",
          "check Contoso Ledger\\Shared",
          "check Contoso Ledger\\Loud",
          "check Contoso Ledger\\Slow",
          "check Contoso Ledger\\Torn",
          "check Contoso Ledger\\Short",
          "CheckConsistency Contoso Ledger\\Unready",
        ],
      },
    ],
  },
  abandoned: {
    lines: 17,
    runs: [
      {
        verdict: "abandoned",
        roles: ["server", "guardian"],
        calls: 2,
        failed: ["session closed"],
      },
    ],
  },
  "server-lost": {
    lines: 27,
    runs: [
      {
        verdict: "failed",
        roles: ["server", "guardian", "server"],
        calls: 5,
        failed: ["server lost", "PreRestore Contoso Ledger\\Long"],
      },
    ],
  },
  recovered: {
    lines: 14,
    runs: [
      {
        verdict: "recovered",
        roles: ["server", "recover"],
        calls: 1,
        failed: ["session closed"],
      },
    ],
  },
  "left-stopped": {
    lines: 26,
    runs: [
      {
        verdict: "recovered",
        roles: ["server", "guardian", "cli"],
        calls: 3,
        failed: ["start service Ledger", "session closed"],
      },
    ],
  },
  "started-later": {
    lines: 24,
    runs: [
      {
        verdict: "abandoned",
        roles: ["server", "guardian"],
        calls: 2,
        failed: ["PostRestore Contoso Ledger\\Books", "start service Ledger", "session closed"],
      },
    ],
  },
  "not-stopped": {
    lines: 19,
    runs: [
      {
        verdict: "failed",
        calls: 1,
        failed: [
          "PreRestore Contoso Ledger\\Books",
          "stop service LedgerStubborn",
          "session closed",
        ],
      },
    ],
  },
  left: {
    lines: 18,
    runs: [
      {
        verdict: "abandoned",
        roles: ["server", "guardian"],
        calls: 1,
        failed: [
          "PreRestore Contoso Ledger\\Books",
          "stop service LedgerStubborn",
          "session closed",
        ],
      },
    ],
  },
  pending: { lines: 16, runs: [{ verdict: "completed", calls: 2 }] },
  damaged: {
    lines: 29,
    runs: [
      { verdict: "open", leftStopped: ["Ledger", "LedgerStore"], calls: 1 },
      { verdict: "failed", calls: 2 },
      { verdict: "failed", calls: 0 },
    ],
  },
  rotated: {
    lines: 66,
    runs: [
      {
        verdict: "failed",
        calls: 18,
        failed: ["PreRestore Contoso Ledger\\Loud", "PreRestore Contoso Ledger\\Locked"],
      },
    ],
  },
};

function linesOf(name: string): readonly EventLine[] {
  return readEventFolder(pathOf010("events", name), readFileSync).lines;
}

function tell(run: ReturnType<typeof splitRuns>[number]): Required<ToldRun> {
  const history = readHistory(run);
  const { verdict, leftStopped } = summarize(history);
  const failed = toTimeline(history)
    .filter((entry) => entry.failed && entry.step !== "message")
    .map(({ step, component, service }) => [step, component ?? service].join(" ").trim());
  return {
    verdict,
    leftStopped,
    roles: history.processes.map(({ role }) => role),
    calls: history.calls.length,
    failed: [...new Set(failed)],
  };
}

function sessionEnds(name: string) {
  return linesOf(name).flatMap((line) =>
    line.event === "sessionClosed" ? [[line.role, line.outcome, line.leftStopped]] : [],
  );
}

describe("event files of 0.1.0", () => {
  it("have a row in the table above", () => {
    expect(names010("events")).toEqual(Object.keys(folders).toSorted());
  });

  it.each(Object.entries(folders))(
    "are read without a damaged line and told as runs: %s",
    (name, expected) => {
      const { lines, damaged } = readEventFolder(pathOf010("events", name), readFileSync);
      expect([lines.length, damaged]).toEqual([expected.lines, 0]);
      const defaults = { leftStopped: [], roles: ["server"], failed: [] };
      expect(splitRuns(lines).map(tell)).toEqual(
        expected.runs.map((run) => ({ ...defaults, ...run })),
      );
    },
  );

  it("contain every event of 0.1.0", () => {
    const found = names010("events").flatMap((name) => linesOf(name).map(({ event }) => event));
    expect([...new Set(found)].toSorted()).toEqual(eventNames);
  });

  it("contain the client, the stopped services and the outcome", () => {
    const lines = linesOf("completed");
    const opened = lines.find(({ event }) => event === "sessionOpened");
    const closed = lines.find(({ event }) => event === "sessionClosed");
    expect(opened).toMatchObject({
      role: "server",
      clientImage: "C:\\Program Files\\nodejs\\node.exe",
      services: ["Ledger", "LedgerStore"],
    });
    expect(closed).toMatchObject({ outcome: "completed", leftStopped: [] });
    expect(closed?.sessionId).toBe(opened?.sessionId);
  });

  it("contain the outcome of each session and the services that stayed stopped", () => {
    expect(sessionEnds("failed")).toEqual([
      ["server", "completed", []],
      ["server", "failed", []],
      ["server", "failed", []],
    ]);
    expect(sessionEnds("left-stopped")).toEqual([
      ["guardian", "abandoned", ["Ledger"]],
      ["cli", "recovered", []],
    ]);
    expect(sessionEnds("started-later")).toEqual([
      ["server", "completed", ["Ledger"]],
      ["guardian", "abandoned", []],
    ]);
  });

  it("contain the failures of handlers, with HRESULTs as numbers", () => {
    const failures = linesOf("failed").flatMap((line) =>
      line.event === "handlerFailed" ? [[line.method, line.code, line.hresult]] : [],
    );
    expect(failures).toEqual([
      ["orderComponents", "ERR_WSB_HANDLER", 0x80004005],
      ["preRestore", "Error", 0x807a0002],
      ["preRestore", "TypeError", 0x807a0002],
      ["preRestore", "Error", 0x80070020],
      ["preRestore", "string", 0x807a0002],
      ["preRestore", "Error", 0x807a0002],
      ["preRestore", "ERR_WSB_TIMEOUT", 0x800705b4],
      ["preRestore", "ERR_WSB_HANDLER", 0x807a0002],
      ["preRestore", "Error", 0x807a0002],
      ["postRestore", "Error", 0x807a0003],
    ]);
  });

  it("contain the failures of consistency checks as messages", () => {
    const texts = linesOf("checks").flatMap((line) =>
      line.event === "message" && line.level === "error" ? line.text.split("\n", 1) : [],
    );
    expect(texts).toEqual([
      "checkConsistency failed: Cannot lock the ledger:",
      "checkConsistency failed: The books are in use.",
      "checkConsistency failed: Checker output: page 0001 ok",
      "checkConsistency failed: checkConsistency did not finish within 1500 ms. Raise timeoutsMs.checkConsistency in the manifest if it needs longer.",
      "checkConsistency failed: Page 7 of Torn is damaged.",
      "checkConsistency failed: Page 7 of Short is damaged.",
      "checkConsistency failed: The checker is not installed.",
      "checkConsistency failed: The client has aborted the check.",
    ]);
    const ends = linesOf("checks").flatMap((line) =>
      line.event === "checkFinished" ? [[line.component, line.hresult]] : [],
    );
    expect(ends).toEqual([
      ["Contoso Ledger\\Books", 0],
      ["Contoso Ledger\\Locked", 0x807a0001],
      ["Contoso Ledger\\Shared", 0x80070020],
      ["Contoso Ledger\\Loud", 0x807a0001],
      ["Contoso Ledger\\Slow", 0x800705b4],
      ["Contoso Ledger\\Torn", 0x807a0001],
      ["Contoso Ledger\\Short", 0x807a0001],
      ["Contoso Ledger\\Slow", 0x80004004],
    ]);
  });

  it("contain shortened texts with their original length", () => {
    const cut = linesOf("failed").filter(
      (line) => line.event === "handlerFailed" && line.text.endsWith("… (5216 characters)"),
    );
    expect(cut).toMatchObject([{ component: "Contoso Ledger\\Loud", code: "Error" }]);
  });

  it("name a service that did not change its state", () => {
    const failures = ["not-stopped", "left", "left-stopped", "started-later"].flatMap((name) =>
      linesOf(name).flatMap((line) =>
        line.event === "serviceFailed" ? [[line.service, line.wanted, line.state]] : [],
      ),
    );
    expect(failures).toEqual([
      ["LedgerStubborn", "STOPPED", "RUNNING"],
      ["LedgerStubborn", "STOPPED", "RUNNING"],
      ["Ledger", "RUNNING", "STOPPED"],
      ["Ledger", "RUNNING", "STOPPED"],
    ]);
  });

  it("preserve the names of components, including lone surrogates", () => {
    const components = linesOf("names").flatMap((line) =>
      line.event === "callReceived" && line.method === "preRestore" ? [line.component] : [],
    );
    expect(components).toEqual([
      "Contoso Ledger\\Books",
      "Long",
      "Contoso Ledger\\Typo",
      "Contoso Ledger\\Locked",
      "Ledger\\\ud800\\\ud83d lone \udc00 📒 Büro",
      undefined,
    ]);
  });

  it("continue in the next file after a rotation", () => {
    const lines = linesOf("rotated");
    expect(rotatedFiles(pathOf010("events", "rotated"))).toHaveLength(1);
    expect([lines[0]?.event, lines.at(-1)?.event]).toEqual(["serverStarted", "serverStopped"]);
    const times = lines.map(({ time }) => time);
    expect(times).toEqual(times.toSorted());
  });
});
