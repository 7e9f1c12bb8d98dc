import { describe, expect, it } from "vitest";

import { HRESULT } from "../../../../src/base/hresult.ts";
import type { FreezeRun } from "../../../../src/runtime/writer/freezer.ts";
import { WriterBed, handlerThat } from "../../../helpers/fakes/writer-bed.ts";

const done = (): Promise<void> => Promise.resolve();

function nothing(): void {}

function never(): Promise<void> {
  return new Promise(() => {});
}

/** A promise that the test resolves. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  const resolves: (() => void)[] = [];
  const opened = new Promise<void>((resolve) => {
    resolves.push(resolve);
  });
  return { opened, open: () => resolves[0]?.() };
}

describe("a freeze", () => {
  it("is on record before its handler runs, and its guardian gets its order after the answer", async () => {
    const bed = await new WriterBed().prepared();
    await bed.freezer.freeze("{S}", () => {
      bed.log.push("handler");
      return handlerThat(done());
    });
    await bed.pass(99);
    expect(bed.log).toEqual(["freezing {S}", "handler"]);
    await bed.pass(1);
    expect(bed.log.slice(2)).toEqual(["watch 9400"]);
  });

  it("tells its guardian when its handler takes longer", async () => {
    const bed = await new WriterBed().prepared();
    const handler = gate();
    const freeze = bed.freezer.freeze("{S}", () => handlerThat(handler.opened));
    await bed.pass(3000);
    handler.open();
    await freeze;
    await bed.pass(3000);
    expect(bed.log).toEqual(["freezing {S}", "watch 10400", "watch 9500"]);
  });

  it("tells its guardian at once when its record has taken longer", async () => {
    let nowMs = 0;
    const bed = await new WriterBed({ clock: { now: () => nowMs, wait: never } }).prepared();
    bed.onJournal = () => {
      nowMs += 100;
    };
    await bed.freezer.freeze("{S}", () => handlerThat(done()));
    expect(bed.log).toEqual(["freezing {S}", "watch 10400", "watch 9500"]);
  });

  it("holds the events of its handler", async () => {
    const bed = await new WriterBed().prepared();
    await bed.freezer.freeze("{S}", () => {
      bed.held.emit({ event: "message", level: "info", text: "Freezing." });
      return handlerThat(done());
    });
    expect(bed.events).toEqual([]);
  });

  it("ends its guardian when its record fails: the guardian may have seen it", async () => {
    const bed = await new WriterBed().prepared();
    await bed.freezer.prepare("{T}");
    bed.log.length = 0;
    bed.onJournal = () => {
      throw new Error("The disk does not answer.");
    };
    const freeze = bed.freezer.freeze("{S}", () => handlerThat(done()));
    await expect(freeze).rejects.toThrow("The disk does not answer.");
    expect(bed.log).toEqual(["freezing {S}", "guardian ends"]);
    const other = bed.freezer.freeze("{T}", () => handlerThat(done()));
    await expect(other).rejects.toMatchObject({ code: "ERR_WSB_HANDLER" });
  });

  it("counts the guardian's time from its end, when the event loop was busy after it", async () => {
    let nowMs = 0;
    const bed = await new WriterBed({ clock: { now: () => nowMs, wait: never } }).frozen();
    nowMs = 5000.4;
    await bed.pass(100);
    expect(bed.log).toEqual(["watch 4500"]);
  });

  it("has its guardian thaw at once when its time is over", async () => {
    let nowMs = 0;
    const bed = new WriterBed({ frozenMs: 2000, clock: { now: () => nowMs, wait: never } });
    await bed.frozen();
    nowMs = 5000;
    await bed.pass(100);
    expect(bed.log).toEqual(["watch 1"]);
  });

  it("does not run its handler when it cannot be recorded", async () => {
    const bed = await new WriterBed().prepared();
    bed.onJournal = () => {
      throw new Error("The disk is full.");
    };
    const freeze = bed.freezer.freeze("{S}", () => {
      throw new Error("The handler ran.");
    });
    await expect(freeze).rejects.toThrow("The disk is full.");
    expect(bed.freezer.isFrozen).toBe(false);
  });

  it("fails without a guardian", async () => {
    const bed = await new WriterBed().prepared();
    bed.isGuardianReady = false;
    const freeze = bed.freezer.freeze("{S}", () => handlerThat(done()));
    await expect(freeze).rejects.toMatchObject({ hresult: HRESULT.VSS_E_WRITERERROR_RETRYABLE });
    expect(bed.log).toEqual([]);
  });

  it("fails during the freeze of another backup, which goes on", async () => {
    const bed = await new WriterBed().frozen();
    await expect(bed.freezer.prepare("{T}")).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    const other = bed.freezer.freeze("{T}", () => handlerThat(done()));
    await expect(other).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    await bed.freezer.abort("{T}");
    await bed.thaw();
    expect(bed.log).toEqual([
      "thaw thaw",
      "guardian ends",
      // The other backup's freeze has failed.
      "thawed 1",
    ]);
  });

  it("thaws when its handler fails", async () => {
    const bed = await new WriterBed().prepared();
    const freeze = bed.freezer.freeze("{S}", () => handlerThat(Promise.reject(new Error("No."))));
    await expect(freeze).rejects.toThrow("No.");
    await bed.pass(1);
    expect(bed.log).toContain("thaw freezeFailed");
    expect(bed.log).toContain("thawed 1");
    expect(bed.freezer.isFrozen).toBe(false);
  });

  it("is thawed again when its handler ends after its limit, and no other begins before", async () => {
    const bed = await new WriterBed().prepared();
    const late = gate();
    const answered = Promise.reject(new Error("Too late."));
    const freeze = bed.freezer.freeze("{S}", () => handlerThat(answered, late.opened));
    await expect(freeze).rejects.toThrow("Too late.");
    await bed.pass(1);
    expect(bed.log.filter((line) => line.startsWith("thaw"))).toEqual(["thaw freezeFailed"]);
    await expect(bed.freezer.prepare("{T}")).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    late.open();
    await bed.pass(1);
    expect(bed.log.slice(-5)).toEqual([
      "watch 5000",
      "thaw freezeFailed",
      "guardian ends",
      "thawed 1",
      "event thawedEarly",
    ]);
    await bed.freezer.prepare("{T}");
  });

  it("lets events out while only its late handler still runs", async () => {
    const bed = await new WriterBed().prepared();
    const late = gate();
    const answered = Promise.reject(new Error("Too late."));
    const freeze = bed.freezer.freeze("{S}", () => handlerThat(answered, late.opened));
    await expect(freeze).rejects.toThrow("Too late.");
    await bed.pass(1);
    bed.held.emit({ event: "message", level: "info", text: "Late." });
    expect(bed.events).toContainEqual({ event: "message", level: "info", text: "Late." });
    expect(bed.freezer.isFrozen).toBe(false);
    bed.onThaw = never;
    late.open();
    await bed.pass(1);
    expect(bed.freezer.isFrozen).toBe(true);
  });

  it("is ended by the answer to its own set only", async () => {
    const bed = await new WriterBed().prepared();
    bed.freezer.freezeAnswered("{S}", false);
    await bed.freezer.freeze("{S}", () => handlerThat(done()));
    bed.freezer.freezeAnswered("{T}", false);
    expect(bed.log).not.toContain("thaw freezeFailed");
    expect(bed.freezer.failedFreezes).toBe(1);
  });

  it("counts as failed when its guardian ended before its answer", async () => {
    const bed = await new WriterBed().prepared();
    await bed.freezer.freeze("{S}", () => handlerThat(done()));
    bed.freezer.guardianLost();
    bed.freezer.freezeAnswered("{S}", true);
    expect(bed.freezer.failedFreezes).toBe(1);
  });

  it("needs a guardian of its own after the thaw of another backup", async () => {
    const bed = await new WriterBed().prepared();
    await bed.freezer.prepare("{T}");
    await bed.freezer.freeze("{S}", () => handlerThat(done()));
    bed.freezer.freezeAnswered("{S}", true);
    await bed.freezer.thaw("{S}");
    bed.freezer.thawAnswered("{S}");
    const other = bed.freezer.freeze("{T}", () => handlerThat(done()));
    await expect(other).rejects.toMatchObject({ code: "ERR_WSB_HANDLER" });
  });

  it("is thawed when its success comes too late for VSS", async () => {
    const bed = await new WriterBed().prepared();
    await bed.freezer.freeze("{S}", () => handlerThat(done()));
    bed.freezer.freezeAnswered("{S}", false);
    await bed.pass(1);
    expect(bed.log).toContain("thaw freezeFailed");
    expect(bed.freezer.failedFreezes).toBe(1);
    await expect(bed.freezer.thaw("{S}")).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
  });
});

describe("a thaw", () => {
  it("succeeds when the application was frozen all the time", async () => {
    const bed = await new WriterBed().frozen();
    await bed.thaw();
    expect(bed.log).toEqual(["thaw thaw", "guardian ends", "thawed 0"]);
    bed.freezer.requireSound("{S}");
  });

  it("gives the guardian no other time: a thaw that hangs does not move it", async () => {
    const bed = await new WriterBed().frozen();
    await bed.pass(3000);
    await bed.freezer.thaw("{S}");
    expect(bed.log).toEqual(["watch 9400", "thaw thaw"]);
  });

  it("does nothing but thaw before VSS has the answer", async () => {
    const bed = await new WriterBed().frozen();
    bed.freezer.thawAnswered("{T}");
    await bed.freezer.thaw("{S}");
    await bed.pass(1000);
    expect(bed.log).toEqual(["thaw thaw"]);
    await expect(bed.freezer.prepare("{T}")).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    bed.freezer.thawAnswered("{S}");
    await bed.pass(1);
    expect(bed.log).toEqual(["thaw thaw", "guardian ends", "thawed 0"]);
    await bed.freezer.prepare("{T}");
  });

  it("is over before whatever comes next", async () => {
    const bed = await new WriterBed().frozen();
    await bed.freezer.thaw("{S}");
    bed.freezer.thawAnswered("{S}");
    expect(bed.log).toEqual(["thaw thaw"]);
    await bed.freezer.prepare("{T}");
    expect(bed.log.slice(0, 4)).toEqual(["thaw thaw", "guardian ends", "thawed 0", "begin 0"]);
    await bed.pass(10);
    expect(bed.log.filter((line) => line === "guardian ends")).toHaveLength(1);
  });

  it("is recorded at once when it succeeds only after its event has failed", async () => {
    const bed = await new WriterBed().frozen();
    bed.onThaw = () => Promise.reject(new Error("No."));
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("No.");
    bed.freezer.thawAnswered("{S}");
    bed.onThaw = () => Promise.resolve();
    await bed.pass(1000);
    expect(bed.log).toContain("thawed 0");
  });

  it("fails while the thaw of its failed freeze still runs", async () => {
    const bed = await new WriterBed().prepared();
    const answered = Promise.reject(new Error("No."));
    await bed.freezer.freeze("{S}", () => handlerThat(answered, never())).catch(() => {});
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("its freeze failed");
    expect(bed.log).not.toContain("thaw thaw");
  });

  it("fails while the handler of its freeze still runs", async () => {
    const bed = await new WriterBed().prepared();
    void bed.freezer.freeze("{S}", () => handlerThat(never(), never()));
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("no freeze came before thaw");
    expect(bed.log).not.toContain("thaw thaw");
  });

  it("fails the second time", async () => {
    const bed = await new WriterBed().frozen();
    await bed.freezer.thaw("{S}");
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("no freeze came before thaw");
    bed.freezer.thawAnswered("{S}");
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("no freeze came before thaw");
    expect(bed.log).toEqual(["thaw thaw", "guardian ends", "thawed 0"]);
  });

  it("waits for the thaw that came before it", async () => {
    const bed = await new WriterBed().frozen();
    const thawing = gate();
    bed.onThaw = () => thawing.opened;
    await bed.pass(9000);
    let isOver = false;
    const thaw = bed.freezer.thaw("{S}").finally(() => {
      isOver = true;
    });
    thaw.catch(nothing);
    await bed.pass(100);
    expect(isOver).toBe(false);
    thawing.open();
    await expect(thaw).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
  });

  it("fails without a freeze", async () => {
    const bed = new WriterBed();
    await expect(bed.freezer.thaw("{S}")).rejects.toMatchObject({
      hresult: HRESULT.VSS_E_WRITERERROR_NONRETRYABLE,
    });
  });

  it("fails when the guardian may have thawed", async () => {
    const bed = new WriterBed();
    bed.isCertain = false;
    await bed.frozen();
    await bed.pass(100);
    await expect(bed.freezer.thaw("{S}")).rejects.toMatchObject({
      hresult: HRESULT.VSS_E_WRITERERROR_RETRYABLE,
    });
    expect(bed.log).toContain("thaw thaw");
    expect(() => bed.freezer.requireSound("{S}")).toThrow("guardian");
  });

  it.each([
    [2999, "succeeds"],
    [3000, "fails"],
  ])("%i ms after the start of a freeze whose guardian heard nothing %s", async (thawMs, end) => {
    let nowMs = 0;
    const bed = await new WriterBed({
      freezeMs: 1000,
      frozenMs: 60_000,
      clock: { now: () => nowMs, wait: never },
    }).prepared();
    // The guardian may see the record before it is on the disk.
    bed.onJournal = () => {
      nowMs = 90;
    };
    await bed.freezer.freeze("{S}", () => handlerThat(done()));
    bed.freezer.freezeAnswered("{S}", true);
    nowMs = thawMs;
    const thaw = bed.freezer.thaw("{S}");
    if (end === "succeeds") await thaw;
    else await expect(thaw).rejects.toThrow("guardian may have thawed");
    expect(bed.log).not.toContain("watch");
  });

  it("succeeds when the guardian's later orders gave it the time", async () => {
    const bed = await new WriterBed().prepared();
    await bed.scheduler.until(
      bed.freezer.freeze("{S}", () => handlerThat(bed.scheduler.wait(8000))),
    );
    bed.freezer.freezeAnswered("{S}", true);
    await bed.pass(6000);
    await bed.freezer.thaw("{S}");
  });

  it("succeeds when its handler goes on after the guardian's time", async () => {
    const bed = await new WriterBed().frozen();
    await bed.pass(8000);
    bed.onThaw = () => bed.scheduler.wait(5000);
    await bed.scheduler.until(bed.freezer.thaw("{S}"));
  });

  it("is sound in a later backup of the same set: VSS may name none", async () => {
    const bed = new WriterBed();
    bed.isCertain = false;
    await bed.frozen();
    await bed.pass(100);
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("guardian");
    bed.freezer.thawAnswered("{S}");
    bed.isCertain = true;
    await bed.pass(1);
    await bed.frozen();
    await bed.thaw();
    bed.freezer.requireSound("{S}");
  });

  it("that failed is remembered until its own set is prepared again", async () => {
    const bed = new WriterBed();
    bed.isCertain = false;
    await bed.frozen();
    await bed.pass(100);
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("guardian");
    bed.freezer.thawAnswered("{S}");
    await bed.pass(1);
    await bed.freezer.prepare("{T}");
    expect(() => bed.freezer.requireSound("{S}")).toThrow("guardian");
    await bed.freezer.prepare("{S}");
    bed.freezer.requireSound("{S}");
  });

  it("comes by itself before ten seconds, and then the event fails", async () => {
    const bed = await new WriterBed().frozen();
    await bed.pass(8999);
    expect(bed.log).not.toContain("thaw timeout");
    await bed.pass(1);
    expect(bed.log).toContain("thaw timeout");
    await expect(bed.freezer.thaw("{S}")).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
    expect(bed.events).toContainEqual({ event: "thawedEarly", reason: "timeout" });
  });

  it("comes too late when the event loop was busy at the limit", async () => {
    let nowMs = 0;
    const bed = new WriterBed({
      clock: { now: () => nowMs, wait: never },
      after: () => () => {},
    });
    await bed.frozen();
    nowMs = 9000;
    await expect(bed.freezer.thaw("{S}")).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
  });

  it("is tried again until it works", async () => {
    const bed = await new WriterBed().frozen();
    let failures = 7;
    bed.onThaw = () => {
      failures -= 1;
      if (failures >= 0) throw new Error("The application does not answer.");
    };
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("The application does not answer.");
    bed.freezer.thawAnswered("{S}");
    expect(bed.freezer.isFrozen).toBe(true);
    await bed.pass(10 * 60_000);
    expect(bed.log.filter((line) => line === "thaw thaw")).toHaveLength(8);
    expect(bed.events.filter(({ event }) => event === "thawFailed")).toHaveLength(7);
    expect(bed.freezer.isFrozen).toBe(false);
  });
});

describe("a shadow copy", () => {
  it("cannot be relied on while the thaw that came too early still runs", async () => {
    const bed = await new WriterBed().frozen();
    bed.onThaw = never;
    await bed.pass(9000);
    expect(() => bed.freezer.requireSound("{S}")).toThrow(
      expect.objectContaining({ code: "ERR_WSB_TIMEOUT" }),
    );
    bed.freezer.requireSound("{T}");
  });
});

describe("abort", () => {
  it.each(["{S}", null])("of %s thaws", async (set) => {
    const bed = await new WriterBed().frozen();
    await bed.freezer.abort(set);
    await bed.pass(1);
    expect(bed.log).toContain("thaw abort");
    expect(bed.freezer.isFrozen).toBe(false);
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("aborted");
  });

  it("lets events out although the thaw fails", async () => {
    const bed = await new WriterBed().frozen();
    bed.onThaw = () => Promise.reject(new Error("No."));
    await expect(bed.freezer.abort("{S}")).rejects.toThrow("No.");
    expect(bed.events).toContainEqual(expect.objectContaining({ event: "thawFailed" }));
  });

  it("just after the answer to thaw spoils nothing", async () => {
    const bed = await new WriterBed().frozen();
    await bed.freezer.thaw("{S}");
    bed.freezer.thawAnswered("{S}");
    await bed.freezer.abort("{S}");
    await bed.pass(1);
    bed.freezer.requireSound("{S}");
  });

  it("of a backup that was only prepared ends the guardian", async () => {
    const bed = await new WriterBed().prepared();
    await bed.freezer.abort("{T}");
    expect(bed.log).toEqual([]);
    await bed.freezer.abort("{S}");
    await bed.pass(5000);
    expect(bed.log).toEqual(["guardian ends"]);
  });
});

describe("the end of the guardian", () => {
  it("thaws what is frozen, and its backup fails", async () => {
    const bed = await new WriterBed().frozen();
    bed.freezer.guardianLost();
    await bed.pass(1);
    expect(bed.log).toContain("thaw guardianEnded");
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("guardian");
  });

  it("changes nothing without a freeze", () => {
    new WriterBed().freezer.guardianLost();
  });

  it("changes nothing during the thaw of the backup", async () => {
    const bed = await new WriterBed().frozen();
    const thawing = gate();
    bed.onThaw = () => thawing.opened;
    const thaw = bed.freezer.thaw("{S}");
    bed.freezer.guardianLost();
    thawing.open();
    await thaw;
  });

  it("fails a freeze that is under way", async () => {
    const bed = await new WriterBed().prepared();
    const handler = gate();
    const freeze = bed.freezer.freeze("{S}", () => handlerThat(handler.opened));
    bed.freezer.guardianLost();
    handler.open();
    await expect(freeze).rejects.toThrow("guardian");
    await bed.pass(1);
    expect(bed.log).toContain("thaw freezeFailed");
  });
});

describe("a stop", () => {
  it("fails a freeze that is under way, and thaws", async () => {
    const bed = await new WriterBed().prepared();
    const freeze = bed.freezer.freeze("{S}", () => {
      let cancel: FreezeRun["cancel"] = nothing;
      const answered = new Promise<void>((_, reject) => {
        cancel = reject;
      });
      return { ...handlerThat(answered), cancel };
    });
    await bed.freezer.stop();
    await expect(freeze).rejects.toThrow("the service stops");
    expect(bed.log).toContain("thaw stop");
  });

  it("thaws once, and the event fails", async () => {
    const bed = await new WriterBed().frozen();
    const stopped = bed.freezer.stop();
    await expect(bed.freezer.thaw("{S}")).rejects.toThrow("the service stops");
    await stopped;
    await bed.pass(1);
    expect(bed.log).toEqual([
      "thaw stop",
      "guardian ends",
      "thawed 0",
      "event thawedEarly",
      "close",
    ]);
  });

  it("leaves the guardian what it could not thaw", async () => {
    const bed = await new WriterBed().frozen();
    bed.onThaw = () => Promise.reject(new Error("No."));
    await bed.freezer.stop();
    expect(bed.log).toEqual(["thaw stop"]);
  });

  it("just after the answer to thaw spoils nothing", async () => {
    const bed = await new WriterBed().frozen();
    await bed.freezer.thaw("{S}");
    bed.freezer.thawAnswered("{S}");
    await bed.freezer.stop();
    bed.freezer.requireSound("{S}");
  });

  it("records a thaw whose event has no answer yet", async () => {
    const bed = await new WriterBed().frozen();
    await bed.freezer.thaw("{S}");
    await bed.freezer.stop();
    await bed.pass(1);
    expect(bed.log).toEqual(["thaw thaw", "guardian ends", "thawed 0", "close"]);
  });

  it("lets no freeze begin", async () => {
    const bed = await new WriterBed().prepared();
    await bed.freezer.stop();
    await bed.pass(5000);
    expect(bed.log).toEqual(["guardian ends", "close"]);
    const freeze = bed.freezer.freeze("{S}", () => handlerThat(done()));
    await expect(freeze).rejects.toThrow("the service stops");
  });
});

describe("a service that starts", () => {
  it("thaws nothing when nothing was frozen", async () => {
    const bed = new WriterBed();
    bed.found = { state: "none", failedFreezes: 2 };
    await bed.freezer.recover();
    expect(bed.log).toEqual([]);
    expect(bed.freezer.failedFreezes).toBe(2);
  });

  it.each([
    ["frozen", ["thaw start", "guardian ends", "begin 1", "event thawedEarly"]],
    // As at the first start, of which nobody needs to hear.
    ["unknown", ["thaw start", "guardian ends", "begin 1"]],
  ] as const)("thaws what is %s", async (state, log) => {
    const bed = new WriterBed();
    bed.found = { state, failedFreezes: 1 };
    await bed.freezer.recover();
    await bed.pass(1);
    expect(bed.log).toEqual(log);
  });

  it("says that its journal cannot begin anew", async () => {
    const bed = new WriterBed();
    bed.found = { state: "frozen", failedFreezes: 1 };
    bed.onJournal = () => {
      throw new Error("The disk is full.");
    };
    await bed.freezer.recover();
    await bed.pass(1);
    expect(bed.events).toContainEqual({
      event: "message",
      level: "error",
      text: "The disk is full.",
    });
  });

  it("refuses backups until a thaw has worked", async () => {
    const bed = new WriterBed();
    bed.found = { state: "frozen", failedFreezes: 1 };
    let works = false;
    bed.onThaw = () => {
      if (!works) throw new Error("No.");
    };
    await bed.freezer.recover();
    await expect(bed.freezer.prepare("{S}")).rejects.toMatchObject({ code: "ERR_WSB_CONFLICT" });
    works = true;
    await bed.pass(1000);
    await bed.freezer.prepare("{S}");
  });
});

describe("events", () => {
  it("stay in memory from the freeze to the thaw", async () => {
    const bed = await new WriterBed().frozen();
    bed.held.emit({ event: "message", level: "info", text: "Frozen." });
    expect(bed.events).toEqual([]);
    await bed.freezer.thaw("{S}");
    expect(bed.events).toEqual([]);
    bed.freezer.thawAnswered("{S}");
    await bed.pass(1);
    expect(bed.events).toEqual([{ event: "message", level: "info", text: "Frozen." }]);
  });

  it("stay in memory while a freeze may still hold the volumes", async () => {
    const bed = await new WriterBed().prepared();
    void bed.freezer.freeze("{S}", () => handlerThat(never(), never()));
    bed.held.emit({ event: "message", level: "info", text: "Freezing." });
    await bed.pass(69_999);
    expect(bed.events).toEqual([]);
    await bed.pass(1);
    expect(bed.events).toHaveLength(1);
  });

  it.each([
    ["the time after the freeze", 55_000, 6000],
    ["the time of the freeze", 65_000, 6000],
  ])(
    "stay in memory in the next freeze when %s of the last one is over",
    async (_, atMs, laterMs) => {
      const bed = await new WriterBed().frozen();
      await bed.thaw();
      await bed.pass(atMs);
      await bed.frozen();
      bed.held.emit({ event: "message", level: "info", text: "Frozen." });
      await bed.pass(laterMs);
      expect(bed.events).toEqual([]);
    },
  );

  it("are written when VSS holds nothing any more, whatever becomes of the thaw", async () => {
    const bed = await new WriterBed().frozen();
    bed.onThaw = never;
    bed.held.emit({ event: "message", level: "info", text: "Frozen." });
    await bed.pass(59_000);
    expect(bed.events).toEqual([]);
    await bed.pass(1000);
    expect(bed.events).toHaveLength(1);
  });
});

describe("failed freezes", () => {
  it("are counted until one succeeds", async () => {
    const bed = new WriterBed();
    bed.found = { state: "none", failedFreezes: 1 };
    await bed.freezer.recover();
    await bed.prepared();
    await bed.freezer
      .freeze("{S}", () => handlerThat(Promise.reject(new Error("No."))))
      .catch(() => {});
    await bed.pass(1);
    expect(bed.freezer.failedFreezes).toBe(2);
    await bed.frozen();
    expect(bed.freezer.failedFreezes).toBe(0);
  });

  it("are counted anew just after the answer to thaw, but not during a freeze", async () => {
    const bed = await new WriterBed().frozen();
    bed.freezer.forgive();
    expect(bed.log).toEqual([]);
    await bed.freezer.thaw("{S}");
    bed.freezer.thawAnswered("{S}");
    bed.freezer.forgive();
    expect(bed.log).toEqual(["thaw thaw", "guardian ends", "thawed 0", "begin 0"]);
  });

  it("are counted anew when the writer has left", async () => {
    const bed = new WriterBed();
    bed.found = { state: "none", failedFreezes: 3 };
    await bed.freezer.recover();
    bed.freezer.forgive();
    expect(bed.log).toEqual(["begin 0"]);
  });
});
