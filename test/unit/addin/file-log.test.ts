import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { openFileLog } from "../../../src/addin/file-log.ts";
import { addinFolder } from "../../../src/program-data.ts";
import { createFakeBinding } from "../../helpers/fake-binding.ts";
import { CLSID } from "../../helpers/manifest.ts";
import { NativeError } from "../../helpers/native-error.ts";

let folder = "";

function refuse(): never {
  throw new NativeError(0x80070005, "CreateDirectoryW");
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-log-"));
  vi.stubEnv("ProgramData", folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("openFileLog", () => {
  it("writes one JSON line an event into a folder that it had protected, parents first", () => {
    const made: string[] = [];
    const createProtectedFolder = (path: string): void => {
      made.push(path);
      mkdirSync(path);
    };
    const log = openFileLog(createFakeBinding({ createProtectedFolder }), CLSID);
    log("info", "one\ntwo \uD83D");
    log("error", "three");
    expect(made).toEqual([join(folder, "wsb-addin"), addinFolder(CLSID)]);
    const lines = readFileSync(join(addinFolder(CLSID), "addin.jsonl"), "utf8")
      .trimEnd()
      .split("\n");
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { time: expect.any(String), pid: process.pid, level: "info", message: "one\ntwo \uD83D" },
      { time: expect.any(String), pid: process.pid, level: "error", message: "three" },
    ]);
  });

  it("leaves events out rather than write into a folder of somebody else's", () => {
    mkdirSync(addinFolder(CLSID), { recursive: true });
    const log = openFileLog(createFakeBinding({ createProtectedFolder: refuse }), CLSID);
    log("info", "lost");
    expect(() => readFileSync(join(addinFolder(CLSID), "addin.jsonl"))).toThrow("ENOENT");
  });

  it("never throws when the file cannot be written", () => {
    const log = openFileLog(createFakeBinding(), CLSID);
    expect(() => log("info", "there is no such folder")).not.toThrow();
  });
});
