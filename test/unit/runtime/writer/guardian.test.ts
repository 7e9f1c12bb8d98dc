import { beforeEach, describe, expect, it } from "vitest";

import type { Clock } from "../../../../src/base/clock.ts";
import { HeldEvents } from "../../../../src/runtime/events/held-events.ts";
import {
  runFreezeGuardian,
  type FreezeGuardianEnd,
  type OrderListener,
} from "../../../../src/runtime/writer/guardian.ts";
import type { GuardianReport } from "../../../../src/runtime/writer/guardian-messages.ts";
import type { FoundFreeze } from "../../../../src/runtime/writer/journal/found.ts";
import { Scheduler } from "../../../simulation/machine/scheduler.ts";

let scheduler: Scheduler;
let reports: GuardianReport[];
let log: string[];
let hasPlace: boolean;
let journal: FoundFreeze["state"];
let looks: number;
let onThaw: () => void | Promise<void>;
let service: OrderListener;
let held: HeldEvents;
let end: Promise<FreezeGuardianEnd>;

beforeEach(() => {
  scheduler = new Scheduler();
  reports = [];
  log = [];
  hasPlace = true;
  journal = "none";
  looks = 0;
  onThaw = () => {};
  held = new HeldEvents((event) => void log.push(event.event));
});

async function start(clock: Clock = scheduler): Promise<void> {
  end = runFreezeGuardian({
    takePlace: async () => (hasPlace ? { release: () => void log.push("place released") } : null),
    listen: (listener) => {
      service = listener;
    },
    report: (report) => void reports.push(report),
    journal: {
      look: () => {
        looks += 1;
        return journal;
      },
    },
    thaw: {
      thaw: async (reason) => {
        log.push(`thaw ${reason}`);
        await onThaw();
      },
      clock,
      mapStack: (frames) => frames,
    },
    events: held,
    after: (ms, ring) => scheduler.after(ms, ring),
  });
  await pass(1);
}

async function pass(ms: number): Promise<void> {
  await scheduler.until(scheduler.wait(ms));
}

function watch(thawAfterMs: number): void {
  service.onOrder({ order: "watch", thawAfterMs });
}

/** Lets each thaw go on until the returned function is called. */
function thawsHang(): () => void {
  const ends: (() => void)[] = [];
  onThaw = () =>
    new Promise((resolve) => {
      ends.push(resolve);
    });
  return () => {
    for (const endOne of ends) endOne();
  };
}

async function expecting(): Promise<void> {
  await start();
  service.onOrder({ order: "expect", thawAfterMs: 9250 });
}

describe("a guardian", () => {
  it("does nothing without its place", async () => {
    hasPlace = false;
    await start();
    expect(await end).toBe("no place");
    expect(reports).toEqual([]);
  });

  it("says that it is ready, and ends with its input", async () => {
    await start();
    expect(reports).toEqual([{ report: "ready" }]);
    service.onEnd();
    expect(await end).toBe("done");
    expect(log).toEqual(["place released"]);
  });

  it("thaws at once when its service ends", async () => {
    await start();
    watch(10_000);
    service.onEnd();
    expect(await end).toBe("done");
    expect(log).toEqual(["thaw serviceEnded", "thawedEarly", "place released"]);
  });

  it("thaws when its service says nothing in time, and tells it", async () => {
    await start();
    watch(5000);
    await pass(4999);
    expect(log).toEqual([]);
    await pass(10);
    expect(log).toEqual(["thaw timeout", "thawedEarly"]);
    watch(5000);
    expect(reports.slice(1)).toEqual([
      { report: "watching", hasThawed: false },
      { report: "watching", hasThawed: true },
    ]);
  });

  it("thaws again until its service says something: a busy one may freeze late", async () => {
    await start();
    watch(1000);
    await pass(12_000);
    expect(log.filter((line) => line === "thaw timeout")).toHaveLength(3);
    expect(log.filter((line) => line === "thawedEarly")).toHaveLength(1);
    watch(86_400_000);
    await pass(60_000);
    expect(log.filter((line) => line === "thaw timeout")).toHaveLength(3);
  });

  it("thaws nothing when the freeze is over", async () => {
    await start();
    watch(1000);
    service.onOrder({ order: "over" });
    await pass(5000);
    service.onEnd();
    expect(await end).toBe("done");
    expect(log).toEqual(["place released"]);
  });

  it("obeys an order that came just before its limit", async () => {
    await start();
    watch(1000);
    scheduler.after(1000, () => watch(5000));
    await pass(1500);
    expect(log).toEqual([]);
  });

  it("tries again until it works, and writes its events only then", async () => {
    await start();
    let failures = 3;
    onThaw = () => {
      failures -= 1;
      if (failures >= 0) throw new Error("No.");
    };
    watch(10_000);
    service.onEnd();
    await pass(7000);
    expect(log.filter((line) => line === "thaw serviceEnded")).toHaveLength(3);
    expect(log).not.toContain("thawFailed");
    await pass(1500);
    expect(log.slice(3)).toEqual([
      "thaw serviceEnded",
      "thawFailed",
      "thawFailed",
      "thawFailed",
      "thawedEarly",
      "place released",
    ]);
  });

  it("writes its events and leaves its place also when it fails itself", async () => {
    onThaw = () => {
      throw new Error("No.");
    };
    await start({
      now: () => scheduler.now(),
      wait: () => Promise.reject(new Error("There is no time.")),
    });
    watch(10_000);
    service.onEnd();
    await expect(end).rejects.toThrow("There is no time.");
    expect(log).toEqual(["thaw serviceEnded", "thawFailed", "place released"]);
  });

  it("holds its events for a minute after the last order", async () => {
    await start();
    watch(86_400_000);
    await pass(30_000);
    watch(86_400_000);
    held.emit({ event: "message", level: "info", text: "Held." });
    await pass(59_000);
    expect(log).toEqual([]);
    await pass(2000);
    expect(log).toEqual(["message"]);
  });

  it("gives its events back when the freeze is over", async () => {
    await start();
    watch(10_000);
    held.emit({ event: "message", level: "info", text: "Held." });
    expect(log).toEqual([]);
    service.onOrder({ order: "over" });
    expect(log).toEqual(["message"]);
  });

  it("gives up after ten minutes", async () => {
    await start();
    onThaw = () => {
      throw new Error("No.");
    };
    watch(10_000);
    service.onEnd();
    await pass(10 * 60_000);
    expect(await end).toBe("gave up");
    expect(log.at(-1)).toBe("place released");
  });

  it("ends its tries when its service has thawed", async () => {
    await start();
    onThaw = () => {
      throw new Error("No.");
    };
    watch(1000);
    await pass(1100);
    service.onOrder({ order: "over" });
    await pass(60_000);
    expect(log.filter((line) => line === "thaw timeout")).toHaveLength(1);
  });

  it("keeps its place while a thaw runs", async () => {
    await start();
    const endThaws = thawsHang();
    watch(1000);
    await pass(1100);
    service.onOrder({ order: "over" });
    service.onEnd();
    await pass(1000);
    expect(log).not.toContain("place released");
    endThaws();
    await pass(1);
    expect(log).toContain("place released");
  });

  it("thaws nothing without its place, whatever thaw ran when its service ended", async () => {
    await start();
    const endThaws = thawsHang();
    watch(1000);
    await pass(1100);
    service.onEnd();
    await pass(1);
    endThaws();
    await end;
    await pass(60_000);
    expect(log.filter((line) => line.startsWith("thaw "))).toEqual([
      "thaw timeout",
      "thaw serviceEnded",
    ]);
    expect(log.at(-1)).toBe("place released");
  });
});

describe("a guardian that expects a freeze", () => {
  it("thaws when its service ends in a freeze", async () => {
    await expecting();
    journal = "frozen";
    service.onEnd();
    expect(await end).toBe("done");
    expect(log).toEqual(["thaw serviceEnded", "thawedEarly", "place released"]);
  });

  it("thaws when its service ends and the journal does not tell", async () => {
    await expecting();
    journal = "unknown";
    service.onEnd();
    await end;
    expect(log).toContain("thaw serviceEnded");
  });

  it("holds its events until it has thawed, when its service ends", async () => {
    await expecting();
    journal = "frozen";
    let failures = 1;
    onThaw = () => {
      failures -= 1;
      if (failures >= 0) throw new Error("No.");
    };
    service.onEnd();
    await pass(900);
    expect(log).toEqual(["thaw serviceEnded"]);
    await pass(200);
    expect(log.slice(1, 3)).toEqual(["thaw serviceEnded", "thawFailed"]);
  });

  it("sees a freeze within a quarter of a second, and thaws when no order comes", async () => {
    await expecting();
    await pass(3100);
    journal = "frozen";
    await pass(9380);
    expect(log).toEqual([]);
    await pass(30);
    expect(log).toEqual(["thaw timeout", "thawedEarly"]);
  });

  it("holds its events for a minute once it has seen a freeze", async () => {
    await expecting();
    journal = "frozen";
    onThaw = () => {
      throw new Error("No.");
    };
    await pass(9600);
    expect(log).toEqual(["thaw timeout"]);
    await pass(50_600);
    expect(log).not.toContain("thawFailed");
    await pass(200);
    expect(log).toContain("thawFailed");
  });

  it("looks no more once it has seen a freeze", async () => {
    await expecting();
    journal = "frozen";
    await pass(5000);
    expect(looks).toBe(1);
  });

  it("looks no more once it has an order", async () => {
    await expecting();
    watch(86_400_000);
    await pass(5000);
    service.onEnd();
    await end;
    expect(looks).toBe(0);
  });

  it("takes a journal that cannot be read for a freeze", async () => {
    await expecting();
    journal = "unknown";
    await pass(9490);
    expect(log).toEqual([]);
    await pass(20);
    expect(log).toEqual(["thaw timeout", "thawedEarly"]);
  });

  it("does not lengthen its time when it can read the journal again", async () => {
    await expecting();
    journal = "unknown";
    await pass(5000);
    journal = "frozen";
    await pass(4510);
    expect(log).toContain("thaw timeout");
  });

  it("thaws nothing when the journal could not be read for a while, and nothing is frozen", async () => {
    await expecting();
    journal = "unknown";
    await pass(5000);
    journal = "none";
    await pass(60_000);
    service.onEnd();
    expect(await end).toBe("done");
    expect(log).toEqual(["place released"]);
  });

  it("thaws a journal that could not be read until it can", async () => {
    await expecting();
    journal = "unknown";
    await pass(12_000);
    expect(log.filter((line) => line === "thaw timeout")).toHaveLength(1);
    journal = "none";
    await pass(60_000);
    expect(log.filter((line) => line === "thaw timeout")).toHaveLength(1);
  });

  it("does not thaw again when it reads in its thaw that nothing is frozen", async () => {
    await expecting();
    journal = "unknown";
    const endThaws = thawsHang();
    await pass(9600);
    journal = "none";
    await pass(300);
    endThaws();
    await pass(60_000);
    expect(log.filter((line) => line === "thaw timeout")).toHaveLength(1);
  });

  it("gives its events back when nothing is frozen after all", async () => {
    await expecting();
    journal = "unknown";
    await pass(1000);
    held.emit({ event: "message", level: "info", text: "Held." });
    expect(log).toEqual([]);
    journal = "none";
    await pass(300);
    expect(log).toEqual(["message"]);
  });

  it("looks no more when its service has ended", async () => {
    await expecting();
    journal = "none";
    service.onEnd();
    await end;
    await pass(5000);
    expect(looks).toBe(1);
  });

  it("does not thaw again when its service has ended", async () => {
    await expecting();
    watch(1000);
    await pass(900);
    service.onEnd();
    await end;
    await pass(60_000);
    expect(log.filter((line) => line.startsWith("thaw "))).toEqual(["thaw serviceEnded"]);
  });

  it("thaws nothing after the end of its freeze, though the journal does not tell it yet", async () => {
    await expecting();
    journal = "frozen";
    await pass(300);
    service.onOrder({ order: "over" });
    await pass(60_000);
    service.onEnd();
    expect(await end).toBe("done");
    expect(log).toEqual(["place released"]);
  });

  it("thaws what was frozen, whatever becomes of the journal", async () => {
    await expecting();
    journal = "frozen";
    await pass(1100);
    journal = "none";
    service.onEnd();
    await end;
    expect(log).toContain("thaw serviceEnded");
  });
});
