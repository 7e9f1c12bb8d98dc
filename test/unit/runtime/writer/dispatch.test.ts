import { beforeEach, describe, expect, it } from "vitest";

import { HandlerFailure } from "../../../../src/runtime/addin/call-handler.ts";
import { HRESULT } from "../../../../src/base/hresult.ts";
import type {
  NativeWriterFailure,
  WriterEventName,
} from "../../../../src/runtime/native/vss-writer.ts";
import type { WriterHandlers } from "../../../../src/runtime/writer/define-writer.ts";
import { WriterDispatcher } from "../../../../src/runtime/writer/dispatch.ts";
import { WRITER_DEFAULTS } from "../../../../src/runtime/manifest/writer-settings.ts";
import { WriterBed } from "../../../helpers/fakes/writer-bed.ts";

interface Ended {
  readonly id: number;
  readonly failure: NativeWriterFailure | undefined;
}

let bed: WriterBed;
let calls: [string, unknown][];
let ended: Ended[];
/** What the freezer had done at the last answer. */
let logAtAnswer: readonly string[];
/** Whether VSS still waits for an event. */
let isWaiting: boolean;

beforeEach(() => {
  bed = new WriterBed();
  calls = [];
  ended = [];
  isWaiting = true;
});

function note(name: string): (request: unknown) => void {
  return (request) => void calls.push([name, request]);
}

function refuse(): never {
  throw new Error("The ledger is locked.");
}

function never(): Promise<void> {
  return new Promise(() => {});
}

/** Handlers that note their requests. */
function noting(): WriterHandlers {
  return {
    prepareBackup: note("prepareBackup"),
    prepareSnapshot: note("prepareSnapshot"),
    freeze: note("freeze"),
    thaw: note("thaw"),
    postSnapshot: note("postSnapshot"),
    abort: note("abort"),
    backupComplete: note("backupComplete"),
    backupShutdown: note("backupShutdown"),
  };
}

function dispatcherOf(handlers: WriterHandlers): WriterDispatcher {
  return new WriterDispatcher({
    handlers,
    timeoutsMs: WRITER_DEFAULTS.timeoutsMs,
    freezer: bed.freezer,
    events: bed.held,
    startProcess: () => {
      throw new Error("No program can be started.");
    },
    mapStack: (frames) => frames,
    clock: bed.scheduler,
    after: (ms, ring) => bed.scheduler.after(ms, ring),
  });
}

const server = {
  complete(id: number, failure?: NativeWriterFailure): boolean {
    ended.push({ id, failure });
    logAtAnswer = [...bed.log];
    return isWaiting;
  },
};

const component = { componentName: "Ledger", logicalPath: null };
const volumes = [{ volume: "C:\\", isInSet: true }];

function deliver(
  dispatcher: WriterDispatcher,
  event: WriterEventName,
  id = 1,
  snapshotSetId: string | null = "{S}",
): Promise<void> {
  const request = {
    event,
    backupType: "full",
    components: [component],
    snapshotSetId,
    volumes,
  } as const;
  return dispatcher.deliver({ kind: "request", id, request }, server);
}

async function failureOf(
  handlers: WriterHandlers,
  event: WriterEventName,
): Promise<NativeWriterFailure | undefined> {
  await bed.scheduler.until(deliver(dispatcherOf(handlers), event));
  return ended.at(-1)?.failure;
}

const backup = { backupType: "full", components: [component] };
const snapshot = { ...backup, snapshotSetId: "{S}", volumes };

describe("the events of a backup", () => {
  it("call the handlers with their requests", async () => {
    const dispatcher = dispatcherOf(noting());
    const events: readonly WriterEventName[] = [
      "prepareBackup",
      "prepareSnapshot",
      "freeze",
      "thaw",
      "postSnapshot",
      "backupComplete",
      "abort",
      "backupShutdown",
    ];
    for (const [index, event] of events.entries()) await deliver(dispatcher, event, index + 1);
    expect(calls).toEqual([
      ["prepareBackup", backup],
      ["prepareSnapshot", snapshot],
      ["freeze", snapshot],
      ["postSnapshot", snapshot],
      ["backupComplete", backup],
      ["abort", { snapshotSetId: "{S}" }],
      ["backupShutdown", { snapshotSetId: "{S}" }],
    ]);
    // The operation that thaws is not the dispatcher's.
    expect(bed.log).toContain("thaw thaw");
    expect(ended).toEqual(events.map((_, index) => ({ id: index + 1, failure: undefined })));
  });

  it("succeed without handlers", async () => {
    for (const event of ["prepareSnapshot", "freeze", "thaw", "postSnapshot"] as const) {
      expect(await failureOf({}, event)).toBeUndefined();
    }
    expect(bed.log.filter((line) => !line.startsWith("event"))).toEqual([]);
  });

  it.each([
    ["{S}", { snapshotSetId: "{S}" }],
    [null, {}],
  ] as const)("are events, with their times: of the set %s", async (set, setFields) => {
    const postSnapshot = (): Promise<void> => bed.scheduler.wait(500);
    await bed.pass(1000);
    await bed.scheduler.until(deliver(dispatcherOf({ postSnapshot }), "postSnapshot", 7, set));
    const fields = { id: 7, method: "postSnapshot", ...setFields };
    expect(bed.events).toStrictEqual([
      { event: "writerCalled", ...fields },
      { event: "writerAnswered", ...fields, durationMs: 500, hresult: 0 },
    ]);
  });
});

describe("a handler that fails", () => {
  it("fails its event, with its sentence, and is an event", async () => {
    expect(await failureOf({ prepareBackup: refuse }, "prepareBackup")).toEqual({
      hresult: HRESULT.VSS_E_WRITERERROR_NONRETRYABLE,
      applicationHresult: HRESULT.E_FAIL,
      message: "The ledger is locked.",
    });
    expect(bed.events.slice(1)).toMatchObject([
      {
        event: "handlerFailed",
        id: 1,
        method: "prepareBackup",
        code: "Error",
        stack: expect.arrayContaining([expect.stringContaining("refuse")]),
      },
      {
        event: "writerAnswered",
        hresult: HRESULT.VSS_E_WRITERERROR_NONRETRYABLE,
        description: "The ledger is locked.",
      },
    ]);
  });

  it.each([
    ["a text", "No.", { code: "string", text: "No." }],
    [
      "causes",
      { message: "No.", cause: "The ledger hangs." },
      {
        code: "object",
        text: "No: The ledger hangs.",
        causes: [{ name: "string", text: "The ledger hangs." }],
      },
    ],
  ])("is an event with what is known of its error: %s", async (_, error, known) => {
    await failureOf({ prepareBackup: () => Promise.reject(error) }, "prepareBackup");
    expect(bed.events[1]).toStrictEqual({
      event: "handlerFailed",
      id: 1,
      method: "prepareBackup",
      hresult: HRESULT.VSS_E_WRITERERROR_NONRETRYABLE,
      ...known,
    });
  });

  it("fails its event at its limit", async () => {
    const failure = await failureOf({ abort: never }, "abort");
    expect(failure?.hresult).toBe(HRESULT.VSS_E_WRITERERROR_TIMEOUT);
    expect(bed.scheduler.now()).toBe(WRITER_DEFAULTS.timeoutsMs.abort);
  });

  it("fails its freeze when it throws at once, and thaws", async () => {
    await bed.prepared();
    const failure = await failureOf({ freeze: refuse, thaw: () => {} }, "freeze");
    expect(failure?.message).toBe("The ledger is locked.");
    expect(bed.log).toContain("thaw freezeFailed");
  });

  it("hears of the limit that VSS has seen", async () => {
    const reasons: unknown[] = [];
    const dispatcher = dispatcherOf({
      prepareBackup: (_, { signal }) =>
        new Promise(() => {
          signal.addEventListener("abort", () => reasons.push(signal.reason));
        }),
    });
    const delivered = deliver(dispatcher, "prepareBackup", 3);
    await dispatcher.deliver({ kind: "expired", id: 3 }, server);
    await bed.scheduler.until(delivered);
    expect(bed.scheduler.now()).toBe(0);
    expect(reasons).toMatchObject([{ code: "ERR_WSB_TIMEOUT" }]);
    await dispatcher.deliver({ kind: "expired", id: 4 }, server);
  });

  it("hears of no limit after its end", async () => {
    const signals: AbortSignal[] = [];
    const dispatcher = dispatcherOf({
      prepareBackup: (_, { signal }) => void signals.push(signal),
    });
    await deliver(dispatcher, "prepareBackup", 3);
    await dispatcher.deliver({ kind: "expired", id: 3 }, server);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
  });

  it("that thaws is one event", async () => {
    await bed.frozen();
    bed.onThaw = () => {
      throw new HandlerFailure("thaw", new Error("No."));
    };
    await deliver(dispatcherOf(noting()), "thaw");
    expect(ended[0]?.failure?.message).toBe("No.");
    await bed.pass(1);
    const failures = bed.events.filter(({ event }) => event.endsWith("Failed"));
    expect(failures.map(({ event }) => event)).toEqual(["thawFailed"]);
  });
});

describe("a freeze", () => {
  it("that VSS no longer waits for is thawed", async () => {
    await bed.prepared();
    isWaiting = false;
    await deliver(dispatcherOf(noting()), "freeze");
    await bed.pass(1);
    expect(bed.log).toContain("thaw freezeFailed");
    expect(bed.events).toContainEqual(
      expect.objectContaining({ event: "message", level: "error" }),
    );
  });

  it("whose handler goes on after its limit is thawed again when that ends", async () => {
    await bed.prepared();
    const freeze = (): Promise<void> => bed.scheduler.wait(12_500);
    const failure = await failureOf({ freeze, thaw: () => {} }, "freeze");
    expect(failure?.hresult).toBe(HRESULT.VSS_E_WRITERERROR_TIMEOUT);
    await bed.pass(2000);
    expect(bed.log.filter((line) => line.startsWith("thaw "))).toEqual(["thaw freezeFailed"]);
    await bed.pass(1000);
    expect(bed.log.filter((line) => line.startsWith("thaw "))).toEqual([
      "thaw freezeFailed",
      "thaw freezeFailed",
    ]);
  });

  it.each([true, false])(
    "is not ended by the answer to another event, taken or not: %s",
    async (isTaken) => {
      await bed.frozen();
      isWaiting = isTaken;
      await deliver(dispatcherOf(noting()), "prepareBackup");
      await bed.pass(10);
      expect(bed.log).toEqual([]);
      expect(bed.events).toEqual([]);
    },
  );

  it("writes no event before its thaw", async () => {
    await bed.prepared();
    await deliver(dispatcherOf(noting()), "freeze");
    expect(bed.events).toEqual([]);
    await deliver(dispatcherOf(noting()), "thaw");
    await bed.pass(1);
    expect(bed.events.map(({ event }) => event)).toContain("writerAnswered");
  });

  it.each(["thaw", "abort", "backupShutdown"] as const)(
    "of a writer that has nothing to freeze writes no event before %s",
    async (end) => {
      const { freeze: _, ...handlers } = noting();
      const dispatcher = dispatcherOf(handlers);
      await deliver(dispatcher, "freeze");
      await deliver(dispatcher, "prepareBackup");
      expect(bed.events).toEqual([]);
      await deliver(dispatcher, end);
      await bed.pass(1);
      expect(bed.events.map(({ event }) => event)).toContain("writerAnswered");
    },
  );

  it("of a writer that has nothing to freeze holds its events for no longer than VSS", async () => {
    const { freeze: _, ...handlers } = noting();
    await deliver(dispatcherOf(handlers), "freeze");
    await bed.pass(60_000);
    expect(bed.events).not.toEqual([]);
  });

  it("of a writer that has nothing to freeze holds its events also soon after another", async () => {
    const { freeze: _, ...handlers } = noting();
    const dispatcher = dispatcherOf(handlers);
    await deliver(dispatcher, "freeze");
    await bed.pass(30_000);
    await deliver(dispatcher, "thaw");
    bed.events.length = 0;
    await deliver(dispatcher, "freeze");
    await bed.pass(59_000);
    expect(bed.events).toEqual([]);
  });

  it("writes its events when it is refused", async () => {
    await deliver(dispatcherOf(noting()), "freeze");
    expect(bed.events.map(({ event }) => event)).toEqual([
      "writerCalled",
      "handlerFailed",
      "writerAnswered",
    ]);
  });
});

describe("abort", () => {
  it("thaws first, and calls its handler also when that fails", async () => {
    await bed.frozen();
    bed.onThaw = () => {
      throw new Error("No.");
    };
    await deliver(dispatcherOf(noting()), "abort");
    expect(calls).toEqual([["abort", { snapshotSetId: "{S}" }]]);
    expect(ended[0]?.failure?.message).toBe("No.");
  });
});

describe("thaw", () => {
  it("is answered before anything else is done", async () => {
    await bed.frozen();
    await deliver(dispatcherOf(noting()), "thaw");
    expect(logAtAnswer).toEqual(["thaw thaw"]);
    expect(bed.events).toEqual([]);
    await bed.pass(1);
    expect(bed.log).toContain("thawed 0");
  });
});

describe("postSnapshot", () => {
  it("fails when the application was not frozen all the time", async () => {
    bed.isCertain = false;
    await bed.frozen();
    await bed.pass(100);
    const dispatcher = dispatcherOf(noting());
    await deliver(dispatcher, "thaw");
    await deliver(dispatcher, "postSnapshot");
    expect(calls).toEqual([]);
    expect(ended[1]?.failure?.hresult).toBe(HRESULT.VSS_E_WRITERERROR_RETRYABLE);
  });
});
