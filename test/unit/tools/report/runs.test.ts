import { describe, expect, it } from "vitest";

import type { AddinEvent, EventLine } from "../../../../src/runtime/events/definitions.ts";
import { splitRuns } from "../../../../src/tools/report/runs.ts";
import { abandonedLines, lineAt, restoreLines } from "../../../helpers/event-lines.ts";

const started: AddinEvent = { event: "serverStarted" };
const stopped: AddinEvent = { event: "serverStopped" };
const called: AddinEvent = { event: "callReceived", id: 1, method: "checkConsistency" };
const opened: AddinEvent = { event: "sessionOpened", services: [] };
const closed: AddinEvent = { event: "sessionClosed", outcome: "completed", leftStopped: [] };

/** Makes the lines of processes: `[pid, event, session]`. */
function lines(...all: readonly (readonly [number, AddinEvent, string?])[]): EventLine[] {
  return all.map(([pid, event, sessionId], at) =>
    lineAt(at, event, { pid, ...(sessionId === undefined ? {} : { sessionId }) }),
  );
}

/** The events of a call of a restore. */
function restoreCall(
  method: "preRestore" | "postRestore" | "orderComponents",
  component: string,
  hresult = 0,
  clientPid = 900,
): readonly AddinEvent[] {
  return [
    { event: "callReceived", id: 1, method, component, clientPid },
    { event: "callAnswered", id: 1, method, component, durationMs: 1, hresult },
  ];
}

function of(pid: number, ...events: readonly AddinEvent[]) {
  return events.map((event) => [pid, event] as const);
}

const FAILED = 0x807a0002;

function split(record: readonly EventLine[]) {
  return splitRuns(record).map(
    (run) => [run.sessionId, run.lines.map((line) => record.indexOf(line))] as const,
  );
}

describe("splitRuns", () => {
  it("joins a session with its server's events before and after", () => {
    expect(splitRuns(restoreLines)).toEqual([
      { sessionId: "s1", isRestore: true, isBackup: false, lines: restoreLines },
    ]);
  });

  it("joins the server and the guardian of a session", () => {
    expect(splitRuns(abandonedLines)).toEqual([
      { sessionId: "s1", isRestore: true, isBackup: false, lines: abandonedLines },
    ]);
  });

  it("separates two sessions, also of one process", () => {
    const record = lines(
      [1, started],
      [1, called],
      [1, opened, "a"],
      [1, closed, "a"],
      [1, { event: "callAnswered", id: 1, method: "postRestore", durationMs: 1, hresult: 0 }],
      [1, called],
      [1, opened, "b"],
      [1, closed, "b"],
      [1, stopped],
    );
    expect(split(record)).toEqual([
      ["a", [0, 1, 2, 3, 4]],
      ["b", [5, 6, 7, 8]],
    ]);
  });

  it("joins the servers of a session whose first server was killed", () => {
    const record = lines(
      [1, started],
      [1, opened, "a"],
      [2, started],
      [2, called],
      [2, closed, "a"],
    );
    expect(split(record)).toEqual([["a", [0, 1, 2, 3, 4]]]);
  });

  it("separates the calls of each server outside of a session", () => {
    const record = lines([1, started], [1, called], [1, stopped], [1, started], [1, called]);
    expect(split(record)).toEqual([
      [undefined, [0, 1, 2]],
      [undefined, [3, 4]],
    ]);
  });

  it("separates simultaneous runs", () => {
    const record = lines([1, started], [2, started], [1, called], [2, opened, "a"], [1, stopped]);
    expect(split(record)).toEqual([
      ["a", [1, 3]],
      [undefined, [0, 2, 4]],
    ]);
  });

  it("omits a server without calls, like the one that register starts as a check", () => {
    expect(splitRuns(lines([1, started], [1, stopped]))).toEqual([]);
  });

  it("keeps a server that failed before its first call", () => {
    const record = lines([1, { event: "message", level: "error", text: "No handlers." }]);
    expect(split(record)).toEqual([[undefined, [0]]]);
  });

  describe("of restores that stop no service", () => {
    it("marks them as restores, and checks not", () => {
      const record = lines(
        ...of(1, started, called, stopped),
        ...of(2, started, ...restoreCall("preRestore", "A"), ...restoreCall("postRestore", "A")),
      );
      expect(splitRuns(record).map(({ isRestore }) => isRestore)).toEqual([false, true]);
    });

    it("ends a restore with the PostRestore of its last prepared component", () => {
      const one = [...restoreCall("preRestore", "A"), ...restoreCall("preRestore", "B", FAILED)];
      const record = lines(
        ...of(1, started, ...one, ...restoreCall("postRestore", "A")),
        ...of(1, ...restoreCall("preRestore", "A"), ...restoreCall("postRestore", "A")),
      );
      expect(split(record).map(([, places]) => places?.length)).toEqual([7, 4]);
    });

    it.each([
      ["the next one asks for the order", restoreCall("orderComponents", "A")],
      ["a check follows", [called]],
    ])("ends a restore whose components all failed where %s", (_, next) => {
      const failed = [
        ...restoreCall("preRestore", "A", FAILED),
        ...restoreCall("preRestore", "B", FAILED),
      ];
      const record = lines(...of(1, ...failed), ...of(1, ...next));
      expect(split(record).map(([, places]) => places?.length)).toEqual([4, next.length]);
    });

    it("keeps a call without a session in the session of its process", () => {
      const record = lines([1, opened, "a"], ...of(1, ...restoreCall("orderComponents", "A")));
      expect(split(record)).toEqual([["a", [0, 1, 2]]]);
    });

    it.each([
      ["its component", "A", 901],
      ["its client", "C", 900],
    ])("joins the process that goes on, known by %s", (_, component, clientPid) => {
      const record = lines(
        ...of(
          1,
          started,
          ...restoreCall("preRestore", "A"),
          ...restoreCall("preRestore", "B"),
          stopped,
        ),
        ...of(2, started, ...restoreCall("postRestore", component, 0, clientPid)),
        ...of(3, started, called),
      );
      expect(split(record).map(([, places]) => places?.length)).toEqual([9, 2]);
    });

    it("begins another restore with a component that still waits for its PostRestore", () => {
      const again = restoreCall("preRestore", "A");
      const record = lines(...of(1, started, ...again), ...of(1, ...again), ...of(2, ...again));
      expect(split(record).map(([, places]) => places?.length)).toEqual([3, 2, 2]);
    });

    it("does not join another client's restore of other components", () => {
      const record = lines(
        ...of(1, started, ...restoreCall("preRestore", "A")),
        ...of(2, started, ...restoreCall("preRestore", "B", 0, 901)),
      );
      expect(split(record).map(([, places]) => places?.length)).toEqual([3, 3]);
    });

    it("keeps every line when a joined process later opens a session", () => {
      const record = lines(
        ...of(1, started, ...restoreCall("preRestore", "A")),
        ...of(2, started, ...restoreCall("preRestore", "B")),
        [1, opened, "a"],
        ...of(2, stopped),
      );
      expect(split(record).flatMap(([, places]) => places)).toHaveLength(record.length);
    });
  });

  it("splits fifty thousand lines", () => {
    const record = Array.from({ length: 50_000 }, () => lineAt(0, called));
    expect(splitRuns(record)[0]?.lines).toHaveLength(50_000);
  });
});
