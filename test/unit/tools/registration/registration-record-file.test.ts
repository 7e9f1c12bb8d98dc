import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { RegistrationRecords } from "../../../../src/tools/registration/registration-record.ts";
import { openRegistrationRecords } from "../../../../src/tools/registration/registration-record-file.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

const record = { state: "registered", owned: { values: [], createdKeys: [] } } as const;
const api = {
  createProtectedFolder(path: string): void {
    mkdirSync(path, { recursive: true });
  },
};
let programData = "";
let folder = "";
let file = "";
let records: RegistrationRecords;

beforeEach(() => {
  programData = mkdtempSync(join(tmpdir(), "wsb-registration-record-"));
  vi.stubEnv("ProgramData", programData);
  folder = join(programData, "wsb-addin", "registrations");
  file = join(folder, `${WRITER_ID}.json`);
  records = openRegistrationRecords(api);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(programData, { recursive: true });
});

function fileError(errno: string): unknown {
  return expect.objectContaining({ code: "ERR_WSB_FILE", errno });
}

describe("a registration record", () => {
  it("is read unchanged, and leaves nothing behind", () => {
    expect(records.read(WRITER_ID)).toBeUndefined();
    records.write(WRITER_ID, record);
    expect(openRegistrationRecords(api).read(WRITER_ID)).toEqual(record);
    records.remove(WRITER_ID);
    records.remove(WRITER_ID);
    expect(existsSync(join(programData, "wsb-addin"))).toBe(false);
  });

  it("is refused when another version wrote it", () => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, '{ "version": 2 }');
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
    symlinkSync("/dev/full", `${file}.new`);
    expect(() => records.write(WRITER_ID, record)).toThrow(fileError("ENOSPC"));
    expect(records.read(WRITER_ID)).toBeUndefined();
  });

  it.each([
    [0x80070005, "ERR_WSB_ACCESS_DENIED"],
    [0x80070015, "ERR_WSB_WINDOWS_API"],
  ])("reports Windows' error for its folder: %i", (hresult, code) => {
    const failing = {
      createProtectedFolder(): void {
        throw new NativeError(hresult, "CreateDirectoryW");
      },
    };
    expect(() => openRegistrationRecords(failing).write(WRITER_ID, record)).toThrow(
      expect.objectContaining({ code, hresult }),
    );
  });
});
