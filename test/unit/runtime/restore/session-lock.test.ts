import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { describe, expect, it, vi } from "vitest";

import type { AddinEvent } from "../../../../src/runtime/events/definitions.ts";
import type { Distrust } from "../../../../src/runtime/native/binding.ts";
import {
  formatOwner,
  parseOwner,
  type LockOwner,
} from "../../../../src/runtime/restore/lock-owner.ts";
import {
  guardianLock,
  servicesLock,
  takeLock,
  type LockApi,
} from "../../../../src/runtime/restore/owned-lock.ts";
import {
  createSessionLock,
  type SessionLockOptions,
} from "../../../../src/runtime/restore/session-lock.ts";
import { OWNED_BY_MALLORY, fakeProtection } from "../../../helpers/fakes/fake-protection.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";
import { CLSID } from "../../../helpers/manifest.ts";
import { useProgramData } from "../../../helpers/program-data.ts";

const SELF: LockOwner = { pid: 4, startedAt: "40", image: "C:\\self.exe", doing: "guardian" };
const OTHER: LockOwner = { pid: 8, startedAt: "80", image: "C:\\node.exe", doing: "server" };
const LIMIT_MS = 30_000;
const BOOTED_MS = 3_600_000;
const SLEEP_MS = 20 * 60_000;

useProgramData();

/** What another process does with the lock, as seen after each wait of a second. */
type Life = "beats" | "hangs" | "nameless" | "gone";

/** A machine on which another process has the lock, and time passes only while somebody waits. */
class LockBed {
  now = 0;
  readonly events: AddinEvent[] = [];
  readonly ended: number[] = [];
  readonly foreign = new Map<string, Distrust>();
  /** What the other process does in the given second. */
  life: (second: number) => Life = () => "hangs";
  end: () => Promise<boolean> = async () => true;
  /** How long a wait of a second takes. */
  sliceMs = 1000;
  #beat = 0;

  readonly #lockFile: LockApi["lockFile"] = async (file) => {
    this.now += this.sliceMs;
    const life = this.life(Math.round(this.now / 1000));
    if (life === "gone") return { write() {}, release: () => this.events };
    if (life === "beats") this.#beat += 1;
    mkdirSync(dirname(file), { recursive: true });
    const record = formatOwner(OTHER, { hold: 1, beat: this.#beat });
    writeFileSync(file, life === "nameless" ? "" : record);
    return null;
  };

  options(more: Partial<SessionLockOptions> = {}): SessionLockOptions {
    return {
      api: {
        ...fakeProtection(this.foreign),
        lockFile: this.#lockFile,
        endProcess: async (pid) => {
          this.ended.push(pid);
          const isEnded = await this.end();
          if (isEnded) this.life = () => "gone";
          return isEnded;
        },
      },
      emit: (event) => this.events.push(event),
      self: SELF,
      mayEndOwner: true,
      clock: { now: () => BOOTED_MS + this.now, wait: async () => {} },
      ...more,
    };
  }

  run(more: Partial<SessionLockOptions> = {}): Promise<string> {
    return createSessionLock(this.options(more))(async () => `at ${this.now}`);
  }

  named(name: AddinEvent["event"]): readonly AddinEvent[] {
    return this.events.filter(({ event }) => event === name);
  }
}

describe("the lock of the services", () => {
  it("is taken at once when nobody has it, without a word", async () => {
    const bed = new LockBed();
    bed.life = () => "gone";
    expect(await bed.run()).toBe("at 1000");
    expect(bed.events).toEqual([]);
  });

  it("is taken from a process that hangs, which is ended and reported", async () => {
    const bed = new LockBed();
    // The first look only learns the record, which is then unchanged for the limit.
    expect(await bed.run()).toBe(`at ${LIMIT_MS + 2000}`);
    expect(bed.ended).toEqual([OTHER.pid]);
    expect(bed.named("lockOwnerEnded")).toEqual([
      {
        event: "lockOwnerEnded",
        ownerPid: 8,
        ownerImage: OTHER.image,
        doing: "server",
        silentMs: LIMIT_MS,
      },
    ]);
  });

  it("is waited for while its owner's event loop runs, however long", async () => {
    const bed = new LockBed();
    bed.life = (second) => (second < 600 ? "beats" : "gone");
    expect(await bed.run()).toBe("at 600000");
    expect(bed.ended).toEqual([]);
  });

  it("is not taken from an owner that shows life just before its limit", async () => {
    const bed = new LockBed();
    bed.life = (second) => (second % 30 === 0 ? "beats" : second < 200 ? "hangs" : "gone");
    await bed.run();
    expect(bed.ended).toEqual([]);
  });

  it("counts no time in which the whole machine slept", async () => {
    const bed = new LockBed();
    bed.life = (second) => {
      bed.sliceMs = second === 2 ? SLEEP_MS : 1000;
      return bed.now > SLEEP_MS + 10_000 ? "gone" : "hangs";
    };
    await bed.run();
    expect(bed.ended).toEqual([]);
  });

  it.each([
    ["a server", { mayEndOwner: false }],
    ["the same process", { self: { ...SELF, pid: OTHER.pid } }],
  ])("is only waited for by %s", async (_, more) => {
    const bed = new LockBed();
    await expect(bed.run(more)).rejects.toMatchObject({
      code: "ERR_WSB_TIMEOUT",
      message: expect.stringContaining("C:\\node.exe (process 8) has the lock"),
    });
    expect(bed.ended).toEqual([]);
  });

  it("ends nobody when the owner is unknown", async () => {
    const bed = new LockBed();
    bed.life = () => "nameless";
    await expect(bed.run()).rejects.toMatchObject({
      code: "ERR_WSB_TIMEOUT",
      message: expect.stringContaining("Another process has the lock"),
    });
    expect(bed.ended).toEqual([]);
  });

  it("ends nobody whom a record names that somebody else could have written", async () => {
    const bed = new LockBed();
    bed.foreign.set(servicesLock(), OWNED_BY_MALLORY);
    await expect(bed.run()).rejects.toMatchObject({ code: "ERR_WSB_TIMEOUT" });
    expect(bed.ended).toEqual([]);
  });

  it("goes on waiting for an owner that Windows does not end, reports it once, and names it", async () => {
    const bed = new LockBed();
    bed.end = async () => {
      throw new NativeError(0x80070102, "TerminateProcess", "The wait operation timed out.");
    };
    await expect(bed.run()).rejects.toMatchObject({
      code: "ERR_WSB_TIMEOUT",
      message: expect.stringMatching(/Cannot end C:\\node\.exe \(process 8\).*timed out/u),
    });
    // Once each time that it was silent for the limit.
    expect(bed.ended.length).toBeGreaterThan(10);
    expect(bed.ended.length).toBeLessThan(100);
    expect(bed.named("message")).toHaveLength(1);
  });

  it("says after two seconds and then each ten whom one waits for", async () => {
    const bed = new LockBed();
    bed.life = (second) => (second < 25 ? "beats" : "gone");
    await bed.run({ mayEndOwner: false });
    expect(bed.named("lockAwaited")).toEqual(
      [2000, 12_000, 22_000].map((waitedMs) => ({
        event: "lockAwaited",
        ownerPid: 8,
        ownerImage: OTHER.image,
        doing: "server",
        waitedMs,
      })),
    );
  });

  it("ends its wait with the reason of a signal", async () => {
    const bed = new LockBed();
    const controller = new AbortController();
    bed.life = (second) => {
      if (second === 3) controller.abort(new Error("enough"));
      return "beats";
    };
    const lock = createSessionLock(bed.options());
    await expect(lock(async () => {}, controller.signal)).rejects.toThrow("enough");
  });

  it("is given back when the signal aborts just after it was taken, and when the work fails", async () => {
    const controller = new AbortController();
    let released = 0;
    const bed = new LockBed();
    const { api } = bed.options();
    const lockFile: LockApi["lockFile"] = async () => {
      controller.abort(new Error("too late"));
      return { write() {}, release: () => void (released += 1) };
    };
    const lock = createSessionLock(bed.options({ api: { ...api, lockFile } }));
    const work = vi.fn(async () => {
      throw new Error("failed");
    });
    await expect(lock(work, controller.signal)).rejects.toThrow("too late");
    expect(work).not.toHaveBeenCalled();
    await expect(lock(work)).rejects.toThrow("failed");
    expect(released).toBe(2);
  });
});

describe("takeLock", () => {
  it("writes its owner, and renews a beat of the same length each second until the release", async () => {
    vi.useFakeTimers();
    const records: string[] = [];
    const note = (record: Uint8Array): void => void records.push(Buffer.from(record).toString());
    const folders: string[] = [];
    const held = await takeLock(
      {
        ...fakeProtection(),
        createProtectedFolder: (path) => void folders.push(path),
        async lockFile(file, record) {
          expect(file).toBe(guardianLock(CLSID));
          note(record);
          return {
            write(next) {
              note(next);
              if (records.length === 2) throw new Error("The disk is full");
            },
            release() {},
          };
        },
      },
      { file: guardianLock(CLSID), owner: SELF, timeoutMs: 0, report: () => {} },
    );
    vi.advanceTimersByTime(3000);
    held?.release();
    vi.advanceTimersByTime(3000);
    vi.useRealTimers();
    expect(records.map(parseOwner)).toEqual([SELF, SELF, SELF, SELF]);
    expect(new Set(records).size).toBe(4);
    expect(new Set(records.map(({ length }) => length)).size).toBe(1);
    expect(folders).toEqual([dirname(servicesLock()), dirname(guardianLock(CLSID))]);
  });

  it("names the lock that cannot be made", async () => {
    const api: LockApi = {
      ...fakeProtection(),
      lockFile: () => Promise.reject(new NativeError(0x80070003, "CreateFileW", "No such path.")),
    };
    await expect(
      takeLock(api, { file: servicesLock(), owner: SELF, timeoutMs: 0, report: () => {} }),
    ).rejects.toMatchObject({
      code: "ERR_WSB_WINDOWS_API",
      message: expect.stringContaining("services.lock"),
    });
  });
});

describe("parseOwner", () => {
  it("reads any program's path back", () => {
    const owner = { ...OTHER, image: "C:\\\uD83D \u{1F4D2}\n\\node.exe" };
    const record = Buffer.from(formatOwner(owner, { hold: 0.5, beat: 9_999_999_999 })).toString();
    expect(parseOwner(record)).toEqual(owner);
    for (let end = 0; end < record.length; end += 1) {
      expect(parseOwner(record.slice(0, end))).toBeUndefined();
    }
  });

  it.each(["null\n", "[]\n", '{"pid":"8"}\n', '{"pid":8,"startedAt":"x","image":"","doing":""}\n'])(
    "reads no owner from %j",
    (record) => expect(parseOwner(record)).toBeUndefined(),
  );
});
