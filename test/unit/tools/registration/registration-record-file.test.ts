import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createLog } from "../../../../src/base/durable-log/create-log.ts";
import { readLog } from "../../../../src/base/durable-log/read-log.ts";
import { machineDisk, type Disk } from "../../../../src/base/disk.ts";
import type { Distrust } from "../../../../src/runtime/native/binding.ts";
import type { ProtectionApi } from "../../../../src/runtime/native/protected-folder.ts";
import type { RegistrationRecords } from "../../../../src/tools/registration/registration-record.ts";
import { openRegistrationRecords } from "../../../../src/tools/registration/registration-record-file.ts";
import { writerKey } from "../../../../src/tools/registration/keys.ts";
import { encodeString } from "../../../../src/tools/registration/registry-value.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";
import {
  MALLORY,
  OWNED_BY_MALLORY,
  fakeProtection,
} from "../../../helpers/fakes/fake-protection.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

const KEY = writerKey(WRITER_ID);

const record = { state: "registered", owned: { values: [], createdKeys: [] } } as const;
const registering = {
  state: "registering",
  before: { values: [], keys: [] },
  tasks: [],
  previous: null,
} as const;

function flip(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}

let foreign: Map<string, Distrust>;
let api: ProtectionApi;
let reports: string[];
let programData = "";
let folder = "";
/** The file of release 0.1.0. */
let file = "";
let log = "";
let records: RegistrationRecords;

beforeEach(() => {
  programData = mkdtempSync(join(tmpdir(), "wsb-registration-record-"));
  vi.stubEnv("ProgramData", programData);
  folder = join(programData, "wsb-addin", "registrations");
  file = join(folder, `${WRITER_ID}.json`);
  log = join(folder, `${WRITER_ID}.log`);
  foreign = new Map();
  api = fakeProtection(foreign);
  reports = [];
  records = openRecords();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(programData, { recursive: true });
});

function report(text: string): void {
  reports.push(text);
}

function openRecords(): RegistrationRecords {
  return openRegistrationRecords(api, report, machineDisk);
}

function fileError(errno: string): unknown {
  return expect.objectContaining({ code: "ERR_WSB_FILE", errno });
}

describe("a registration record", () => {
  it("is read unchanged, and leaves its folder behind for the next one", () => {
    expect(records.read(WRITER_ID)).toBeUndefined();
    records.write(WRITER_ID, record);
    expect(openRecords().read(WRITER_ID)).toEqual(record);
    records.remove(WRITER_ID);
    records.remove(WRITER_ID);
    expect([existsSync(folder), readdirSync(folder)]).toEqual([true, []]);
  });

  it("is appended to the record of its change, for which there is room", () => {
    records.write(WRITER_ID, registering);
    const { size } = statSync(log);
    records.write(WRITER_ID, record);
    expect([records.read(WRITER_ID), statSync(log).size]).toEqual([record, size]);
  });

  it.each([
    ["cut", (bytes: Buffer) => bytes.subarray(0, 700)],
    ["zeroed", (bytes: Buffer) => Buffer.alloc(bytes.length)],
    ["changed in one bit", (bytes: Buffer) => flip(bytes, bytes.indexOf("owned"))],
  ])("C: that is %s has a way out", (_, damage) => {
    records.write(WRITER_ID, record);
    writeFileSync(log, damage(readFileSync(log)));
    expect(() => records.read(WRITER_ID)).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_CONFLICT",
        message: expect.stringContaining("--repair"),
      }),
    );
    expect(records.setAside(WRITER_ID)).toMatch(/\.log\.damaged-/u);
    expect([records.read(WRITER_ID), records.setAside(WRITER_ID)]).toEqual([undefined, undefined]);
  });

  it("that is removed says nothing any more, though its file is open", () => {
    records.write(WRITER_ID, record);
    const held = openRegistrationRecords(api, report, {
      ...machineDisk,
      remove() {
        throw Object.assign(new Error("EBUSY"), { code: "EBUSY" });
      },
    });
    held.remove(WRITER_ID);
    expect([existsSync(log), held.read(WRITER_ID)]).toEqual([true, undefined]);
  });

  it("of release 0.1.0 is read, and replaced by the next one", () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      file,
      '{ "version": 1, "state": "registered", "owned": { "values": [], "createdKeys": [] } }',
    );
    expect(records.read(WRITER_ID)).toEqual(record);
    records.write(WRITER_ID, record);
    expect([existsSync(file), records.read(WRITER_ID)]).toEqual([false, record]);
  });

  it("of release 0.1.0 that is damaged has a way out", () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, "{");
    expect(records.setAside(WRITER_ID)).toMatch(/\.json\.damaged-/u);
    expect(records.read(WRITER_ID)).toBeUndefined();
  });

  it("counts once it is written, though the file of release 0.1.0 is open", () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, "{}");
    const held = openRegistrationRecords(api, report, {
      ...machineDisk,
      remove(path) {
        if (path === file) throw Object.assign(new Error("EBUSY"), { code: "EBUSY" });
        machineDisk.remove(path);
      },
    });
    held.write(WRITER_ID, registering);
    expect(held.read(WRITER_ID)).toEqual(registering);
    held.remove(WRITER_ID);
    expect(held.read(WRITER_ID)).toBeUndefined();
  });

  it("is refused when another version wrote it", () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, '{ "version": 3 }');
    expect(() => records.read(WRITER_ID)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_CONFLICT" }),
    );
  });

  it("reports a file that cannot be read or removed", () => {
    mkdirSync(file, { recursive: true });
    expect(() => records.read(WRITER_ID)).toThrow(fileError("EISDIR"));
    expect(() => records.remove(WRITER_ID)).toThrow(fileError("EISDIR"));
  });

  it.runIf(process.platform === "linux")("reports a full disk", () => {
    mkdirSync(folder, { recursive: true });
    symlinkSync("/dev/full", `${log}.new`);
    expect(() => records.write(WRITER_ID, record)).toThrow(fileError("ENOSPC"));
    expect(records.read(WRITER_ID)).toBeUndefined();
  });

  it.each([
    [0x80070005, "ERR_WSB_ACCESS_DENIED"],
    [0x80070015, "ERR_WSB_WINDOWS_API"],
  ])("reports Windows' error for its folder: %i", (hresult, code) => {
    const failing = {
      ...api,
      createProtectedFolder(): void {
        throw new NativeError(hresult, "CreateDirectoryW");
      },
    };
    expect(() =>
      openRegistrationRecords(failing, report, machineDisk).write(WRITER_ID, record),
    ).toThrow(expect.objectContaining({ code, hresult }));
  });
});

/** A disk that counts its open files, and on which some work fails. */
function disk(changes: Partial<Disk> = {}): {
  readonly machine: Disk;
  readonly open: () => number;
} {
  let open = 0;
  const machine: Disk = {
    pause: (durationMs) => machineDisk.pause(durationMs),
    identity: (path) => machineDisk.identity(path),
    replace: (from, to) => machineDisk.replace(from, to),
    remove: (path) => machineDisk.remove(path),
    open(path, mode) {
      const handle = machineDisk.open(path, mode);
      open += 1;
      return {
        read: (...args) => handle.read(...args),
        write: (...args) => handle.write(...args),
        sync: () => handle.sync(),
        truncate: (sizeBytes) => handle.truncate(sizeBytes),
        sizeBytes: () => handle.sizeBytes(),
        identity: () => handle.identity(),
        close() {
          open -= 1;
          handle.close();
        },
      };
    },
    ...changes,
  };
  return { machine, open: () => open };
}

describe("a log of registration records", () => {
  it("keeps the record of a change beside that of its end, and begins anew with the next", () => {
    records.write(WRITER_ID, registering);
    records.write(WRITER_ID, record);
    expect(readLog(log)?.records).toHaveLength(2);
    records.write(WRITER_ID, registering);
    expect(readLog(log)?.records).toHaveLength(1);
  });

  it("has room for what follows a record that names many values", () => {
    const value = { key: KEY, name: "CLSID", value: encodeString("x".repeat(9000)) };
    const before = { values: [value, value, value, value], keys: [] };
    records.write(WRITER_ID, { ...registering, before });
    const roomBytes = statSync(log).size - readFileSync(log).lastIndexOf("}");
    expect(roomBytes).toBeGreaterThan(2 * JSON.stringify(readLog(log)?.records[0]).length);
  });

  it("is closed after each step, also one that ends it", () => {
    const { machine, open } = disk({
      remove() {
        throw Object.assign(new Error("EBUSY"), { code: "EBUSY" });
      },
    });
    const own = openRegistrationRecords(api, report, machine);
    own.write(WRITER_ID, registering);
    own.write(WRITER_ID, record);
    expect(open()).toBe(0);
    own.remove(WRITER_ID);
    expect([open(), own.read(WRITER_ID)]).toEqual([0, undefined]);
  });

  it("says whether it is damaged or of another version", () => {
    records.write(WRITER_ID, record);
    const bytes = readFileSync(log);
    writeFileSync(log, flip(bytes, bytes.indexOf("owned")));
    expect(() => records.read(WRITER_ID)).toThrow(/is damaged; nothing was changed/u);
    createLog(log, [{ version: 9, state: "registered" }], { roomBytes: 0 }).close();
    expect(() => records.read(WRITER_ID)).toThrow(/of another version of wsb-addin/u);
    rmSync(log);
    writeFileSync(file, "{");
    expect(() => records.read(WRITER_ID)).toThrow(/is damaged; nothing was changed/u);
    writeFileSync(file, "{}");
    expect(() => records.read(WRITER_ID)).toThrow(/names what no registration writes/u);
  });

  it("is not written to a disk that keeps something else, and says so", () => {
    const { machine } = disk();
    const forgetful: Disk = {
      ...machine,
      open: (path, mode) => ({
        ...machine.open(path, mode),
        read: (bytes) => bytes.fill(0).length,
      }),
    };
    const own = openRegistrationRecords(api, report, forgetful);
    expect(() => own.write(WRITER_ID, record)).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_JOURNAL",
        message: expect.stringContaining("reads back other than it was written"),
      }),
    );
    expect(records.read(WRITER_ID)).toBeUndefined();
  });

  it("is removed as a file where nothing can be written to it", () => {
    records.write(WRITER_ID, record);
    writeFileSync(log, Buffer.alloc(100));
    records.remove(WRITER_ID);
    expect(existsSync(log)).toBe(false);
  });

  it("is not removed where it can be neither written nor removed, and says so", () => {
    records.write(WRITER_ID, record);
    writeFileSync(log, Buffer.alloc(100));
    const { machine } = disk({
      remove() {
        throw Object.assign(new Error("EBUSY"), { code: "EBUSY" });
      },
    });
    const own = openRegistrationRecords(api, report, machine);
    expect(() => own.remove(WRITER_ID)).toThrow(fileError("EBUSY"));
  });

  it("tells why it cannot be set aside", () => {
    records.write(WRITER_ID, record);
    const { machine } = disk({
      replace() {
        throw Object.assign(new Error("EIO"), { code: "EIO" });
      },
    });
    const own = openRegistrationRecords(api, report, machine);
    expect(() => own.setAside(WRITER_ID)).toThrow(
      expect.objectContaining({ message: expect.stringContaining("Move it away by hand.") }),
    );
  });
});

describe("a registration record that somebody else could have written", () => {
  const places: readonly (readonly [place: string, path: () => string])[] = [
    ["the kit's folder", () => join(programData, "wsb-addin")],
    ["the folder of records", () => folder],
  ];

  it.each([
    ...places,
    ["the record", () => log] as const,
    ["the record of release 0.1.0", () => file] as const,
  ])("is not obeyed, and is reported with the owner of %s", (_, path) => {
    records.write(WRITER_ID, registering);
    writeFileSync(file, readFileSync(log));
    if (path() === file) rmSync(log);
    foreign.set(path(), OWNED_BY_MALLORY);
    if (path() === log) foreign.set(file, OWNED_BY_MALLORY);
    expect(records.read(WRITER_ID)).toBeUndefined();
    expect(records.read(WRITER_ID)).toBeUndefined();
    expect(reports[0]).toContain(MALLORY);
    expect(new Set(reports).size).toBe(reports.length);
  });

  it.each(places)("is set aside before the next is written: %s", (_, path) => {
    records.write(WRITER_ID, registering);
    foreign.set(path(), OWNED_BY_MALLORY);
    records.write(WRITER_ID, record);
    expect([records.read(WRITER_ID), readdirSync(folder)]).toEqual([record, [`${WRITER_ID}.log`]]);
    expect(reports).toEqual([expect.stringContaining(".foreign-")]);
  });
});
