import { beforeEach, describe, expect, it } from "vitest";

import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import { HeldEvents } from "../../../../src/runtime/events/held-events.ts";
import type {
  NativeWriter,
  NativeWriterEvent,
  WriterEventName,
} from "../../../../src/runtime/native/vss-writer.ts";
import { WriterService } from "../../../../src/runtime/writer/service.ts";
import type { OffReason, SwitchState } from "../../../../src/runtime/writer/switch.ts";
import { Scheduler } from "../../../simulation/machine/scheduler.ts";

let scheduler: Scheduler;
let log: string[];
let events: AddinEvent[];
let position: SwitchState;
let switchError: Error | undefined;
let isFrozen: boolean;
let failedFreezes: number;
let raise: (event: NativeWriterEvent) => void;
/** How often the switch was read. */
let looks: number;
/** Runs while VSS subscribes the writer. */
let onSubscribe: () => void | Promise<void>;

const writer: NativeWriter = {
  complete: () => true,
  unsubscribe: async () => void log.push("unsubscribe"),
};

beforeEach(() => {
  scheduler = new Scheduler();
  log = [];
  events = [];
  position = "on";
  switchError = undefined;
  isFrozen = false;
  failedFreezes = 0;
  looks = 0;
  onSubscribe = () => {};
});

function serviceOf(leaveAfter?: number): WriterService {
  return new WriterService({
    freezer: {
      recover: async () => void log.push("recover"),
      stop: async () => void log.push("stop"),
      get isFrozen() {
        return isFrozen;
      },
      get failedFreezes() {
        return failedFreezes;
      },
      forgive: () => {
        failedFreezes = 0;
      },
    },
    dispatcher: { deliver: async () => void log.push("deliver") },
    subscribe: async (onEvent) => {
      log.push("subscribe");
      await onSubscribe();
      raise = (event) => onEvent(event, writer);
      return writer;
    },
    switch: {
      read: () => {
        looks += 1;
        if (switchError !== undefined) throw switchError;
        return position;
      },
      turnOff: (reason: OffReason) => {
        if (switchError !== undefined) throw switchError;
        position = reason;
      },
    },
    events: new HeldEvents((event) => void events.push(event)),
    after: (ms, ring) => scheduler.after(ms, ring),
    leaveAfter,
  });
}

async function pass(ms: number): Promise<void> {
  await scheduler.until(scheduler.wait(ms));
}

async function happens(event: WriterEventName): Promise<void> {
  const request = {
    event,
    backupType: "full",
    components: null,
    snapshotSetId: null,
    volumes: [],
  } as const;
  raise({ kind: "request", id: 1, request });
  await pass(1);
}

function names(): readonly string[] {
  return events.map(({ event }) => event);
}

describe("a writer's service", () => {
  it("thaws what an earlier one has left before it takes part in backups", async () => {
    await serviceOf().start();
    expect(log).toEqual(["recover", "subscribe"]);
    expect(names()).toEqual(["writerStarted"]);
  });

  it("thaws before VSS loses the writer when it stops", async () => {
    const service = serviceOf();
    await service.start();
    await service.stop();
    expect(log).toEqual(["recover", "subscribe", "stop", "unsubscribe"]);
  });

  it("does not take part while its switch is off, and says so", async () => {
    position = "administrator";
    await serviceOf().start();
    expect(log).toEqual(["recover"]);
    expect(events).toEqual([{ event: "writerOff", reason: "administrator" }]);
  });

  it("follows its switch", async () => {
    await serviceOf().start();
    position = "administrator";
    await pass(5000);
    position = "on";
    await pass(5000);
    expect(log).toEqual(["recover", "subscribe", "unsubscribe", "subscribe"]);
    expect(names()).toEqual(["writerStarted", "writerStopped", "writerOff", "writerStarted"]);
  });

  it("does not follow it while the application is frozen", async () => {
    await serviceOf().start();
    position = "administrator";
    isFrozen = true;
    await pass(60_000);
    expect(log).not.toContain("unsubscribe");
    isFrozen = false;
    await pass(5000);
    expect(log).toContain("unsubscribe");
  });

  it("stays as it is when its switch cannot be read", async () => {
    position = "administrator";
    await serviceOf().start();
    switchError = new Error("The registry is damaged.");
    await pass(5000);
    expect(log).toEqual(["recover"]);
    expect(names()).toEqual(["writerOff"]);
  });

  it("says once that it takes part", async () => {
    await serviceOf().start();
    await pass(60_000);
    expect(log).toEqual(["recover", "subscribe"]);
    expect(names()).toEqual(["writerStarted"]);
  });

  it("says when VSS refuses it later, and tries again", async () => {
    position = "administrator";
    await serviceOf().start();
    position = "on";
    onSubscribe = () => {
      throw new Error("VSS does not run.");
    };
    await pass(5000);
    expect(events.at(-1)).toEqual({
      event: "message",
      level: "error",
      text: "VSS does not run.",
    });
    onSubscribe = () => {};
    await pass(5000);
    expect(names().at(-1)).toBe("writerStarted");
  });

  it("looks at its switch no more when it has stopped", async () => {
    const service = serviceOf();
    await service.start();
    await service.stop();
    await pass(60_000);
    expect(looks).toBe(1);
  });

  it("loses VSS also when it stops while it is subscribed, and looks no more", async () => {
    position = "administrator";
    const service = serviceOf();
    await service.start();
    position = "on";
    const answers: (() => void)[] = [];
    onSubscribe = () =>
      new Promise((resolve) => {
        answers.push(resolve);
      });
    await pass(5000);
    const stopped = service.stop();
    await pass(1);
    for (const answer of answers) answer();
    await stopped;
    await pass(60_000);
    expect(log).toEqual(["recover", "subscribe", "stop", "unsubscribe"]);
    expect(looks).toBe(2);
  });

  it("has nothing to do when a limit of an event has passed", async () => {
    const rejected: unknown[] = [];
    const note = (error: unknown): void => void rejected.push(error);
    process.on("unhandledRejection", note);
    await serviceOf(3).start();
    raise({ kind: "expired", id: 1 });
    await pass(1);
    process.off("unhandledRejection", note);
    expect(log).toContain("deliver");
    expect(rejected).toEqual([]);
  });

  it("takes part when its switch cannot be read at its start, and says why", async () => {
    switchError = new Error("The registry is damaged.");
    await serviceOf().start();
    expect(log).toContain("subscribe");
    expect(events[0]).toMatchObject({ event: "message", level: "error" });
  });
});

describe("a writer whose freezes fail", () => {
  it("never leaves by default", async () => {
    await serviceOf().start();
    failedFreezes = 100;
    await happens("backupShutdown");
    expect(position).toBe("on");
  });

  it("leaves at the end of the third backup", async () => {
    await serviceOf(3).start();
    failedFreezes = 2;
    await happens("backupShutdown");
    expect(position).toBe("on");
    failedFreezes = 3;
    await happens("freeze");
    expect(position).toBe("on");
    await happens("backupShutdown");
    expect(position).toBe("failedFreezes");
    expect(log.at(-1)).toBe("unsubscribe");
    expect(events).toContainEqual({ event: "writerLeft", failedFreezes: 3 });
    expect(events).toContainEqual({ event: "writerOff", reason: "failedFreezes" });
  });

  it.each(["administrator", "unreadable"] as const)(
    "does not say that it was its freezes when its switch is off already: %s",
    async (state) => {
      position = state;
      failedFreezes = 3;
      await serviceOf(3).start();
      await pass(1);
      expect(position).toBe(state);
      expect(names()).toEqual(["writerOff"]);
    },
  );

  it("does not leave while the application is frozen", async () => {
    await serviceOf(3).start();
    failedFreezes = 3;
    isFrozen = true;
    await happens("backupShutdown");
    expect(position).toBe("on");
  });

  it("leaves only because of a freeze", async () => {
    await serviceOf(3).start();
    failedFreezes = 3;
    await happens("prepareBackup");
    await pass(120_000);
    expect(position).toBe("on");
  });

  it("leaves a minute after a freeze whose requester has gone", async () => {
    await serviceOf(3).start();
    failedFreezes = 3;
    await happens("freeze");
    await pass(59_000);
    expect(position).toBe("on");
    await pass(1000);
    expect(position).toBe("failedFreezes");
  });

  it("leaves at its start when each freeze ended its process", async () => {
    failedFreezes = 3;
    await serviceOf(3).start();
    await pass(1);
    expect(log).toEqual(["recover", "subscribe", "unsubscribe"]);
  });

  it("stays when it cannot turn itself off, and tries again", async () => {
    await serviceOf(3).start();
    failedFreezes = 3;
    switchError = new Error("The registry is read-only.");
    await happens("backupShutdown");
    expect(names()).toEqual(["writerStarted", "message"]);
    switchError = undefined;
    await happens("backupShutdown");
    expect(position).toBe("failedFreezes");
  });

  it("can be turned on again", async () => {
    await serviceOf(3).start();
    failedFreezes = 3;
    await happens("backupShutdown");
    position = "on";
    await pass(5000);
    await happens("backupShutdown");
    expect(position).toBe("on");
  });
});
