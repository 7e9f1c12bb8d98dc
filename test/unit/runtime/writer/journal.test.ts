import { beforeEach, describe, expect, it, vi } from "vitest";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import { judgeFreeze } from "../../../../src/runtime/writer/journal/found.ts";
import { FreezeJournal } from "../../../../src/runtime/writer/journal/freeze-journal.ts";
import { SimulatedDisk, type Effect } from "../../../helpers/simulated-disk.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";

const at = "2030-01-01T00:00:00.000Z";
const prepared = { type: "prepared", at, version: 1, boot: "7", failedFreezes: 1 } as const;
const freezing = { type: "freezing", at, snapshotSetId: "{S}" } as const;
const thawed = { type: "thawed", at, failedFreezes: 0 } as const;

describe("judgeFreeze", () => {
  it.each([
    ["a prepared backup", [prepared], "none", 1],
    ["a freeze", [prepared, freezing], "frozen", 2],
    ["a freeze that was ended", [prepared, freezing, thawed], "none", 0],
    ["a second freeze", [prepared, freezing, thawed, freezing], "frozen", 1],
    ["no beginning", [freezing], "unknown", 1],
    ["a step of another version", [{ ...prepared, version: 2 }], "unknown", 0],
    ["something else", [prepared, { type: "melting" }], "unknown", 1],
    ["a step without a time", [prepared, { ...freezing, at: "soon" }], "unknown", 1],
    ["nothing", [], "unknown", 0],
  ] as const)("of %s", (_, records, state, failedFreezes) => {
    const contents = { records, end: "whole", salvaged: [] } as const;
    expect(judgeFreeze(contents, "7")).toEqual({ state, failedFreezes });
  });

  it.each([
    ["whole", "frozen"],
    // The torn record is a step that was not taken.
    ["torn", "frozen"],
    ["damaged", "unknown"],
  ] as const)("of a journal that is %s", (end, state) => {
    const contents = { records: [prepared, freezing], end, salvaged: [] };
    expect(judgeFreeze(contents, "7").state).toBe(state);
  });

  it.each([
    ["7", "7", "frozen"],
    ["7", "8", "none"],
    // Rather a thaw too much.
    [null, "8", "frozen"],
    ["7", null, "frozen"],
  ] as const)("of a freeze in boot %s, in boot %s", (boot, now, state) => {
    const contents = {
      records: [{ ...prepared, boot }, freezing],
      end: "whole",
      salvaged: [],
    } as const;
    expect(judgeFreeze(contents, now).state).toBe(state);
  });

  it("without a journal", () => {
    expect(judgeFreeze(undefined, "7")).toEqual({ state: "unknown", failedFreezes: 0 });
  });
});

describe("FreezeJournal", () => {
  let disk: SimulatedDisk;
  let operations: Effect["operation"][];
  let events: AddinEvent[];
  /** What was on the disk when the folder was made. */
  let pathsAtFolder: (readonly string[])[];

  beforeEach(() => {
    vi.stubEnv("ProgramData", "/ProgramData");
    operations = [];
    disk = new SimulatedDisk({
      random: () => 0,
      fault: ({ operation }) => {
        operations.push(operation);
        return undefined;
      },
    });
    events = [];
    pathsAtFolder = [];
    return () => vi.unstubAllEnvs();
  });

  function journal(): FreezeJournal {
    return new FreezeJournal({
      writerId: WRITER_ID,
      makeFolder: () => void pathsAtFolder.push(disk.paths),
      disk,
      boot: "7",
      emit: (event) => void events.push(event),
    });
  }

  it("tells the next service of a freeze, also after a power cut", () => {
    const one = journal();
    one.begin(0);
    one.freezing("{S}");
    disk.powerCut();
    expect(journal().read()).toEqual({ state: "frozen", failedFreezes: 1 });
  });

  it("tells that the freeze has ended", () => {
    const one = journal();
    one.begin(0);
    one.freezing("{S}");
    one.thawed(0);
    expect(journal().read()).toEqual({ state: "none", failedFreezes: 0 });
  });

  it("shows a guardian whether a freeze has begun, and says nothing", () => {
    const service = journal();
    const guardian = journal();
    expect(guardian.look()).toBe("unknown");
    service.begin(0);
    expect(guardian.look()).toBe("none");
    service.freezing("{S}");
    expect(guardian.look()).toBe("frozen");
    service.thawed(0);
    expect(guardian.look()).toBe("none");
    vi.spyOn(disk, "open").mockImplementation(() => {
      throw new Error("Another process has it open.");
    });
    expect(guardian.look()).toBe("unknown");
    expect(events).toEqual([]);
  });

  it("begins anew for each backup", () => {
    const one = journal();
    for (let backup = 0; backup < 3; backup += 1) {
      one.begin(backup);
      one.freezing("{S}");
      one.thawed(0);
    }
    const sizeBytes = disk.bytesOf(one.file).length;
    one.begin(3);
    expect(disk.bytesOf(one.file)).toHaveLength(sizeBytes);
    expect(journal().read()).toEqual({ state: "none", failedFreezes: 3 });
    // Windows replaces no file that is open.
    expect(disk.openHandles).toBe(1);
  });

  it("makes its folder first", () => {
    journal().begin(0);
    expect(pathsAtFolder).toEqual([[]]);
  });

  it("opens its file before the freeze, which has no time for it", () => {
    const one = journal();
    one.begin(0);
    operations.length = 0;
    one.freezing("{S}");
    expect(operations).not.toContain("open");
  });

  it("begins on a disk that has room for nothing else", () => {
    disk.setSpace(32 * 1024);
    journal().begin(0);
    expect(journal().read().state).toBe("none");
  });

  it("says when it cannot record that the freeze has ended", () => {
    const one = journal();
    one.begin(0);
    one.freezing("{S}");
    disk.remove(one.file);
    one.thawed(0);
    expect(events).toMatchObject([{ event: "message", level: "error" }]);
  });

  it("is closed until the next backup begins it", () => {
    const one = journal();
    one.begin(0);
    one.close();
    expect(disk.openHandles).toBe(0);
    expect(() => one.freezing("{S}")).toThrow("no prepareSnapshot came");
    one.begin(0);
    one.freezing("{S}");
    expect(journal().read().state).toBe("frozen");
  });

  it("records a freeze and its end on a full disk", () => {
    const one = journal();
    one.begin(0);
    disk.setSpace(0);
    one.freezing("{S}");
    one.thawed(0);
    expect(journal().read().state).toBe("none");
    expect(events).toEqual([]);
  });

  it("refuses a backup on a full disk", () => {
    disk.setSpace(0);
    expect(() => journal().begin(0)).toThrow(expect.objectContaining({ code: "ERR_WSB_JOURNAL" }));
  });

  it("refuses a freeze without prepareSnapshot", () => {
    const error = expect.objectContaining({ code: "ERR_WSB_JOURNAL" });
    expect(() => journal().freezing("{S}")).toThrow(error);
  });

  it("is thawed when it is damaged, and says so", () => {
    const one = journal();
    one.begin(0);
    disk.setBytes(one.file, Buffer.from("damaged"));
    expect(journal().read().state).toBe("unknown");
    expect(events).toMatchObject([{ event: "message", level: "error" }]);
  });

  it("says nothing when there is none yet", () => {
    expect(journal().read().state).toBe("unknown");
    expect(events).toEqual([]);
  });

  it("is thawed when somebody else could have written it", () => {
    const one = journal();
    createLog(one.file, [prepared], { roomBytes: 0, disk });
    vi.spyOn(disk, "open").mockImplementation(() => {
      throw new Error("It belongs to somebody else.");
    });
    expect(one.read().state).toBe("unknown");
    expect(events).toMatchObject([{ event: "message", level: "error" }]);
  });
});
