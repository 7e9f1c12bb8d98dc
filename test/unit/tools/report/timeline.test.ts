import { describe, expect, it } from "vitest";

import { ownCommand } from "../../../../src/base/own-command.ts";
import type { AddinEvent, EventLine } from "../../../../src/runtime/events/definitions.ts";
import { readHistory } from "../../../../src/tools/report/history.ts";
import { sentencesOf, summarize } from "../../../../src/tools/report/summary.ts";
import { toTimeline } from "../../../../src/tools/report/to-timeline.ts";
import type { TimelineEntry } from "../../../../src/tools/report/timeline.ts";
import { abandonedLines, lineAt, restoreLines } from "../../../helpers/event-lines.ts";

const call = { id: 1, method: "preRestore", component: "A" } as const;
const failed = { ...call, code: "Error", hresult: 0x807a0002, text: "No." } as const;
const opened: AddinEvent = { event: "sessionOpened", services: ["S"] };
const session = { sessionId: "s1" };

function historyOf(lines: readonly EventLine[]) {
  return readHistory({ sessionId: "s1", isRestore: true, isBackup: false, lines });
}

function timelineOf(...lines: readonly EventLine[]): readonly TimelineEntry[] {
  return toTimeline(historyOf(lines));
}

function shown(entries: readonly TimelineEntry[]) {
  return entries.map((entry) => [
    entry.startMs,
    entry.durationMs,
    entry.step,
    entry.component ?? entry.service ?? "",
    entry.hresult,
    entry.detail ?? "",
    entry.failed,
  ]);
}

describe("toTimeline", () => {
  it("shows a restore from its first call to its end", () => {
    expect(shown(timelineOf(...restoreLines))).toEqual([
      [0, 0, "server started", "", undefined, "process 10", false],
      [100, 9, "OrderComponents", "", 0, "", false],
      [200, 1200, "PreRestore", "Ledger\\Accounts", 0, "", false],
      [
        205,
        0,
        "session opened",
        "",
        undefined,
        "by C:\\Windows\\System32\\wbengine.exe (process 900)",
        false,
      ],
      [210, 1000, "stop service", "Ledger", undefined, "", false],
      [1300, 0, "message", "", undefined, "warning: preRestore: slow", false],
      [3_600_000, 2120, "PostRestore", "Ledger\\Accounts", 0, "", false],
      [3_600_100, 2000, "start service", "Ledger", undefined, "", false],
      [3_602_110, 0, "session closed", "", undefined, "completed", false],
      [3_607_120, 0, "server stopped", "", undefined, "process 10", false],
    ]);
  });

  it("shows failures, and that the server was killed during a call", () => {
    expect(shown(timelineOf(...abandonedLines))).toEqual([
      [0, 0, "server started", "", undefined, "process 10", false],
      [10, 195, "PreRestore", "Ledger\\Accounts", 0x807a0002, "Books are open.", true],
      [15, 0, "session opened", "", undefined, "", false],
      [20, 100, "stop service", "Ledger", undefined, "", false],
      [400, 50, "PreRestore", "Ledger\\Archive", undefined, "no answer: the process ended", true],
      [450, 0, "server lost", "", undefined, "process 10; killed or crashed", true],
      [450, 0, "message", "", undefined, "preRestore: last words", false],
      [900, 0, "guardian started", "", undefined, "process 20", false],
      [
        900,
        0,
        "message",
        "",
        undefined,
        "warning: The add-in's process 10 ended during the session.",
        false,
      ],
      [
        1000,
        2000,
        "start service",
        "Ledger",
        undefined,
        "Still START_PENDING. (by the guardian)",
        true,
      ],
      [3010, 0, "session closed", "", undefined, "abandoned; left stopped: Ledger", true],
    ]);
  });

  it("does not call a living server killed when the guardian closes the session", () => {
    const timeline = timelineOf(
      lineAt(0, { event: "serverStarted" }),
      lineAt(5, opened, session),
      lineAt(
        20,
        { event: "sessionClosed", outcome: "abandoned", leftStopped: [] },
        { ...session, pid: 20, role: "guardian" },
      ),
    );
    expect(shown(timeline).map((row) => row[2])).not.toContain("server lost");
  });

  it("shows a running step as running and not as failed", () => {
    const timeline = timelineOf(
      lineAt(0, { event: "callReceived", ...call }),
      lineAt(5, opened, session),
      lineAt(10, { event: "serviceStopping", service: "S" }, session),
    );
    expect(shown(timeline).slice(1)).toEqual([
      [0, 0, "PreRestore", "A", undefined, "no answer yet", false],
      [5, 0, "session opened", "", undefined, "", false],
      [10, 0, "stop service", "S", undefined, "no result yet", false],
    ]);
  });

  it.each([
    ["another server has taken over", lineAt(90, { event: "serverStarted" }, { pid: 11 })],
    ["the server has stopped", lineAt(90, { event: "serverStopped" })],
  ])("shows a stop without a result as failed after %s", (_, line) => {
    const stopping = lineAt(10, { event: "serviceStopping", service: "S" }, session);
    const entry = timelineOf(stopping, line).find(({ step }) => step === "stop service");
    expect(entry).toMatchObject({ failed: true, detail: "no result: the process ended" });
  });

  it("shows a handler that fails after its call was answered as a separate entry", () => {
    const timeline = timelineOf(
      lineAt(0, { event: "callReceived", ...call }),
      lineAt(50, { event: "callAnswered", ...call, durationMs: 50, hresult: 0x800705b4 }),
      lineAt(90, { event: "handlerFailed", ...failed }),
    );
    expect(shown(timeline).slice(1)).toEqual([
      [0, 50, "PreRestore", "A", 0x800705b4, "", true],
      [90, 0, "PreRestore handler", "A", 0x807a0002, "No.", true],
    ]);
  });

  it("shows the failure of another handler that the call ran as the call's", () => {
    const timeline = timelineOf(
      lineAt(0, { event: "callReceived", ...call }),
      lineAt(40, { ...failed, event: "handlerFailed", method: "beforeServicesStop" }),
      lineAt(50, { event: "callAnswered", ...call, durationMs: 50, hresult: 0x807a0002 }),
    );
    expect(shown(timeline).slice(1)).toEqual([[0, 50, "PreRestore", "A", 0x807a0002, "No.", true]]);
  });

  it("shows a handler that failed without a call as a separate entry", () => {
    const alone = { pid: 12, role: "handler" } as const;
    const { code, hresult, text } = failed;
    const failure = { event: "handlerFailed", code, hresult, text } as const;
    const timeline = timelineOf(
      lineAt(10, { ...failure, method: "afterServicesStart" }, alone),
      lineAt(90, { ...failure, method: "restoreAbandoned" }, alone),
    );
    const steps = timeline.filter(({ failed: isFailed }) => isFailed).map(({ step }) => step);
    expect(steps).toEqual(["AfterServicesStart handler", "RestoreAbandoned handler"]);
  });

  it("shows a check with its own end, and its handler's failure there", () => {
    const check = { id: 1, method: "checkConsistency", component: "A" } as const;
    const timeline = timelineOf(
      lineAt(0, { event: "callReceived", ...check }),
      lineAt(5, { event: "callAnswered", ...check, durationMs: 5, hresult: 0 }),
      lineAt(900, { ...failed, ...check, event: "handlerFailed", hresult: 0x807a0001 }),
      lineAt(905, { event: "checkFinished", ...check, durationMs: 900, hresult: 0x807a0001 }),
    );
    expect(shown(timeline).slice(1)).toEqual([
      [0, 5, "CheckConsistency", "A", 0, "", false],
      [5, 900, "check", "A", 0x807a0001, "No.", true],
    ]);
  });

  it("joins the events of a call by process and id, with other events in between", () => {
    const other = { pid: 11 };
    const timeline = timelineOf(
      lineAt(0, { event: "callReceived", ...call }),
      lineAt(1, { event: "callReceived", ...call }, other),
      lineAt(2, { event: "callReceived", ...call, id: 2 }),
      lineAt(10, { event: "callAnswered", ...call, id: 2, durationMs: 8, hresult: 0 }),
      lineAt(20, { event: "callAnswered", ...call, durationMs: 19, hresult: 0 }, other),
      lineAt(30, { event: "callAnswered", ...call, durationMs: 30, hresult: 0 }),
    );
    const calls = timeline.filter(({ step }) => step === "PreRestore");
    expect(calls.map(({ startMs, durationMs }) => [startMs, durationMs])).toEqual([
      [0, 30],
      [1, 19],
      [2, 8],
    ]);
  });

  it("begins at the earliest start, even if that event is missing", () => {
    const timeline = timelineOf(
      lineAt(5000, { event: "callAnswered", ...call, durationMs: 2000, hresult: 0 }),
      lineAt(5001, { event: "serviceStarted", service: "S", durationMs: 1000 }),
    );
    expect(shown(timeline).map(([at, took, step]) => [at, took, step])).toEqual([
      [0, 2000, "PreRestore"],
      [1001, 1000, "start service"],
      [2000, 0, "server started"],
    ]);
  });

  it("keeps the order when the clock was changed", () => {
    const back = lineAt(-60_000, { event: "callAnswered", ...call, durationMs: 5, hresult: 0 });
    const timeline = timelineOf(lineAt(0, { event: "callReceived", ...call }), back);
    expect(timeline.every(({ startMs, durationMs }) => startMs >= 0 && durationMs >= 0)).toBe(true);
  });
});

describe("summarize", () => {
  const closed = (outcome: "completed" | "recovered", leftStopped: readonly string[] = []) =>
    lineAt(99, { event: "sessionClosed", outcome, leftStopped }, session);
  const answered = lineAt(50, { event: "callAnswered", ...call, durationMs: 50, hresult: 0 });
  const refused = lineAt(50, {
    event: "callAnswered",
    ...call,
    durationMs: 50,
    hresult: 0x807a0002,
  });
  const stoppedS = lineAt(40, { event: "serviceStopped", service: "S", durationMs: 10 }, session);

  it.each<[string, readonly EventLine[], object]>([
    ["a restore", restoreLines, { verdict: "completed", failures: 0, leftStopped: [] }],
    [
      "a session whose client died",
      abandonedLines,
      { verdict: "abandoned", failures: 3, leftStopped: ["Ledger"] },
    ],
    [
      "a session with a failed call",
      [lineAt(0, opened, session), refused, closed("completed")],
      { verdict: "failed", failures: 1, leftStopped: [] },
    ],
    [
      "a session that has left a service stopped",
      [lineAt(0, opened, session), answered, closed("completed", ["S"])],
      { verdict: "failed", failures: 0, leftStopped: ["S"] },
    ],
    [
      "a session that was recovered",
      [lineAt(0, opened, session), closed("recovered")],
      { verdict: "recovered", failures: 0, leftStopped: [] },
    ],
    [
      "a session that is open",
      [lineAt(0, opened, session), stoppedS],
      { verdict: "open", failures: 0, leftStopped: ["S"] },
    ],
  ])("summarizes %s", (_, lines, summary) => {
    expect(summarize(historyOf(lines))).toMatchObject(summary);
  });

  it.each<[string, EventLine, string, number]>([
    ["a call", answered, "calls", 0],
    ["a failed call", refused, "failed", 1],
    ["an error", lineAt(0, { event: "message", level: "error", text: "No." }), "failed", 1],
  ])("summarizes %s outside of a restore", (_, line, verdict, failures) => {
    const run = { sessionId: undefined, isRestore: false, isBackup: false, lines: [line] };
    expect(summarize(readHistory(run))).toMatchObject({ verdict, failures, leftStopped: [] });
  });
});

/** Returns what a person reads about a restore with these events. */
function told(...lines: readonly EventLine[]) {
  const history = historyOf([lineAt(0, opened, session), ...lines]);
  const { failures, headline } = summarize(history);
  return { failures, headline, sentences: sentencesOf(history) };
}

function end(
  outcome: "completed" | "failed" | "abandoned" | "keptStopped",
  ...leftStopped: string[]
) {
  return lineAt(99, { event: "sessionClosed", outcome, leftStopped }, session);
}

/** A call that its handler failed. */
function failedCall(id: number, component: string, text: string): readonly EventLine[] {
  const own = { id, method: "preRestore", component } as const;
  const hresult = 0x807a0002;
  return [
    lineAt(id, { event: "callReceived", ...own }, session),
    lineAt(id, { event: "handlerFailed", ...own, code: "Error", hresult, text }, session),
    lineAt(id, { event: "callAnswered", ...own, durationMs: 0, hresult, description: text }),
  ];
}

describe("sentencesOf", () => {
  it("says that a restore completed, or is open with services to look after", () => {
    expect(told(end("completed")).sentences).toEqual(["Completed."]);
    const stopped = { event: "serviceStopped", service: "S", durationMs: 1 } as const;
    expect(told(lineAt(5, stopped, session)).sentences).toEqual([
      "Still open.",
      `Stopped now: S. To see what can be done: ${ownCommand("status")}`,
    ]);
  });

  it("names what failed, and then what to do", () => {
    const { sentences } = told(...failedCall(1, "A", "Books are open."), end("failed", "S T", "U"));
    expect(sentences).toEqual([
      "PreRestore of A failed: Books are open.",
      'Left stopped: S T, U. Start them with: sc.exe start "S T"; sc.exe start "U"',
    ]);
  });

  it("warns before the start of services that an administrator kept stopped", () => {
    expect(told(end("keptStopped", "A")).sentences).toEqual([
      "Ended by an administrator, with the services kept stopped.",
      'Left stopped: A. Files may be half restored: look at them before you start these services with: sc.exe start "A"',
    ]);
  });

  it("says one reason of many components once, and counts the other reasons", () => {
    const many = Array.from({ length: 300 }, (_, id) => failedCall(id, `C${id}`, "Books are open"));
    const others = ["One.", "Two.", "Three."].map((text, id) => failedCall(400 + id, "X", text));
    const { failures, headline, sentences } = told(...many.flat(), ...others.flat(), end("failed"));
    const first = "PreRestore of C0, C1 and 298 more failed: Books are open.";
    expect(failures).toBe(303);
    expect(headline).toBe(`${first} Further failures: 3.`);
    expect(sentences).toEqual([
      first,
      "PreRestore of X failed: One.",
      "PreRestore of X failed: Two.",
      "Further failures: 1.",
    ]);
  });

  it("tells a service that does not stop as the failure of its call, once", () => {
    const text = "Cannot stop service S: Access is denied.";
    const service = { service: "S", wanted: "STOPPED", state: "RUNNING", text } as const;
    const lines = failedCall(1, "A", text);
    const event = lineAt(1, { event: "serviceFailed", ...service }, session);
    const message = lineAt(9, { event: "message", level: "error", text }, session);
    expect(told(...lines, event, message, end("failed"))).toMatchObject({
      failures: 1,
      sentences: [`PreRestore of A failed: ${text}`],
    });
    expect(told(event, message, end("failed")).sentences).toEqual([text]);
  });

  it("has the text of a service that does not stop in the row of its call alone", () => {
    const text = "Cannot stop service S: Access is denied.";
    const service = { service: "S", wanted: "STOPPED", state: "RUNNING", text } as const;
    const event = lineAt(1, { event: "serviceFailed", ...service }, session);
    const rows = timelineOf(...failedCall(1, "A", text), event, end("failed"));
    expect(rows.filter(({ detail = "" }) => detail.includes(text))).toHaveLength(1);
    expect(rows.find(({ step }) => step === "stop service")?.detail).toBe(
      "failed, as its call says",
    );
    const alone = timelineOf(event, end("failed"));
    expect(alone.find(({ step }) => step === "stop service")?.detail).toBe(text);
  });

  it("tells the end of a process as the failure of its call, once", () => {
    const lost = told(
      lineAt(0, { event: "serverStarted" }),
      lineAt(1, { event: "callReceived", ...call }, session),
      lineAt(2, { event: "serverLost", serverPid: 10 }, { ...session, pid: 20, role: "guardian" }),
      end("abandoned"),
    );
    expect(lost).toMatchObject({ failures: 1 });
    expect(lost.headline).toBe(
      "Abandoned: the client ended or was silent for too long. PreRestore of A failed: the process ended before it answered.",
    );
  });

  it("names a process that ended outside of a call", () => {
    const lost = told(
      lineAt(0, { event: "serverStarted" }),
      lineAt(2, { event: "serverLost", serverPid: 10 }, { ...session, pid: 20, role: "guardian" }),
    );
    expect(lost.sentences).toEqual([
      "Still open.",
      "The server (process 10) was killed or crashed.",
    ]);
  });

  it("cuts a long reason to a sentence that a person reads", () => {
    const [sentence = ""] = told(...failedCall(1, "A", "page\n".repeat(1000))).sentences.slice(1);
    expect(sentence).toMatch(/^PreRestore of A failed: page page .*…$/u);
    expect(sentence.length).toBeLessThan(400);
  });
});

function handled(
  ms: number,
  method: "preRestore" | "postRestore",
  component: string,
  hresult = 0,
): readonly EventLine[] {
  const own = { id: ms, method, component } as const;
  return [
    lineAt(ms, { event: "callReceived", ...own, clientPid: 900 }),
    lineAt(ms + 5, { event: "callAnswered", ...own, durationMs: 5, hresult }),
  ];
}

function restoreOf(...lines: readonly EventLine[]) {
  return readHistory({ sessionId: undefined, isRestore: true, isBackup: false, lines });
}

describe("a restore that stops no service", () => {
  it("is completed when each prepared component is finished", () => {
    const restored = restoreOf(
      ...handled(0, "preRestore", "A"),
      ...handled(10, "preRestore", "B", 0x807a0002),
      ...handled(20, "postRestore", "A"),
    );
    expect(restored.session).toMatchObject({ client: "process 900", outcome: "failed" });
    expect(summarize(restored)).toMatchObject({ verdict: "failed", failures: 1 });
    expect(shown(toTimeline(restored)).map((row) => row[2])).not.toContain("session closed");
    const clean = restoreOf(...handled(0, "preRestore", "A"), ...handled(20, "postRestore", "A"));
    expect(clean.session).toMatchObject({ outcome: "completed" });
    expect(sentencesOf(clean)).toEqual(["Completed."]);
  });

  it("names the components whose PostRestore is missing", () => {
    const open = restoreOf(...handled(0, "preRestore", "A"), ...handled(10, "preRestore", "B"));
    expect(summarize(open)).toMatchObject({ verdict: "open", failures: 0 });
    expect(sentencesOf(open)).toEqual(["Not finished: there is no PostRestore of A, B."]);
  });
});
