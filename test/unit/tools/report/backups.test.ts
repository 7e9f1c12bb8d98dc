import { describe, expect, it } from "vitest";

import type { WriterHandlerName } from "../../../../src/base/handler-name.ts";
import type { AddinEvent, EventLine } from "../../../../src/runtime/events/definitions.ts";
import { readHistory } from "../../../../src/tools/report/history.ts";
import { splitRuns } from "../../../../src/tools/report/runs.ts";
import { sentencesOf, summarize } from "../../../../src/tools/report/summary.ts";
import { toTimeline } from "../../../../src/tools/report/to-timeline.ts";
import { lineAt } from "../../../helpers/event-lines.ts";

const FAILED = 0x800423f4;
const stack = ["at freeze (src/writer.ts:17:20)"];

let ids = 0;

/** The events of one event of VSS, that the service of a writer writes. */
function asked(
  method: WriterHandlerName,
  { text, durationMs = 5 }: { readonly text?: string; readonly durationMs?: number } = {},
): readonly AddinEvent[] {
  ids += 1;
  const id = ids;
  const hresult = text === undefined ? 0 : FAILED;
  const failed: AddinEvent[] =
    text === undefined
      ? []
      : [{ event: "handlerFailed", id, method, hresult, code: "TypeError", text, stack }];
  const description = text === undefined ? {} : { description: text };
  return [
    { event: "writerCalled", id, method },
    ...failed,
    { event: "writerAnswered", id, method, durationMs, hresult, ...description },
  ];
}

function linesOf(role: "writer" | "guardian", pid: number, ...events: AddinEvent[]): EventLine[] {
  return events.map((event, at) => lineAt(at, event, { pid, role }));
}

const before = (): AddinEvent[] => [...asked("prepareBackup"), ...asked("prepareSnapshot")];

const good = (): AddinEvent[] => [
  ...before(),
  ...asked("freeze"),
  ...asked("thaw"),
  ...asked("postSnapshot"),
  ...asked("backupComplete"),
  ...asked("backupShutdown"),
];

const failed = (): AddinEvent[] => [
  ...before(),
  ...asked("freeze", { text: "Cannot read properties of undefined" }),
  { event: "thawedEarly", reason: "freezeFailed" },
  ...asked("abort"),
  ...asked("backupShutdown"),
];

function historiesOf(...lines: readonly EventLine[]) {
  return splitRuns(lines).map(readHistory);
}

describe("a backup in the log", () => {
  it("shows each event of VSS with its time", () => {
    const [history] = historiesOf(...linesOf("writer", 7, { event: "writerStarted" }, ...good()));
    if (history === undefined) throw new Error("no backup");
    expect(history.isBackup).toBe(true);
    expect(sentencesOf(history)).toEqual(["Nothing failed."]);
    const steps = toTimeline(history).filter(({ step }) => step !== "message");
    expect(steps.map(({ step, durationMs }) => [step, durationMs])).toEqual(
      [
        "PrepareBackup",
        "PrepareSnapshot",
        "Freeze",
        "Thaw",
        "PostSnapshot",
        "BackupComplete",
        "BackupShutdown",
      ].map((step) => [step, 5]),
    );
  });

  it("says once that freeze failed, where, and that the application was thawed", () => {
    const [history] = historiesOf(...linesOf("writer", 7, ...failed()));
    if (history === undefined) throw new Error("no backup");
    expect(summarize(history)).toMatchObject({ verdict: "failed", failures: 1 });
    expect(sentencesOf(history)).toEqual(["Freeze failed: Cannot read properties of undefined."]);
    const timeline = toTimeline(history);
    expect(timeline.find(({ step }) => step === "Freeze")).toMatchObject({
      failed: true,
      hresult: FAILED,
      failure: { code: "TypeError", stack },
    });
    expect(timeline).toContainEqual(
      expect.objectContaining({
        step: "message",
        detail: expect.stringContaining("warning: The application was thawed"),
      }),
    );
  });

  it("says that thaw failed, and where", () => {
    const [history] = historiesOf(
      ...linesOf("writer", 7, ...before(), ...asked("freeze"), {
        event: "thawFailed",
        reason: "thaw",
        tries: 1,
        code: "Error",
        text: "The ledger does not answer.",
        stack,
      }),
    );
    if (history === undefined) throw new Error("no backup");
    expect(sentencesOf(history)).toEqual([
      "The application may still be frozen: thaw failed (try 1): The ledger does not answer.",
    ]);
    expect(toTimeline(history).at(-1)).toMatchObject({ failed: true, failure: { stack } });
  });

  it("has the events of its guardian", () => {
    const thawed = { event: "thawedEarly", reason: "serviceEnded" } as const;
    const histories = historiesOf(
      ...linesOf("writer", 7, ...before(), ...asked("freeze")),
      ...linesOf("guardian", 8, thawed),
    );
    expect(histories).toHaveLength(1);
    expect(histories[0]?.notes).toHaveLength(1);
  });
});

describe("splitRuns", () => {
  it("separates the backups of one service", () => {
    const runs = splitRuns(linesOf("writer", 7, ...good(), ...failed(), ...good()));
    expect(runs.map(({ isBackup, lines }) => [isBackup, lines.length])).toEqual([
      [true, 14],
      [true, 12],
      [true, 14],
    ]);
  });

  it("begins a backup after one that has ended, also without prepareBackup", () => {
    const runs = splitRuns(linesOf("writer", 7, ...good(), ...asked("prepareSnapshot")));
    expect(runs).toHaveLength(2);
  });

  it("shows a thaw that fails when the service starts", () => {
    const line: AddinEvent = {
      event: "thawFailed",
      reason: "start",
      tries: 1,
      code: "Error",
      text: "No.",
    };
    expect(splitRuns(linesOf("writer", 7, line))).toHaveLength(1);
    expect(splitRuns(linesOf("writer", 7, { event: "writerStarted" }))).toEqual([]);
  });
});
