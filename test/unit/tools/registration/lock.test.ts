import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Distrust } from "../../../../src/runtime/native/binding.ts";
import { formatOwner } from "../../../../src/runtime/restore/lock-owner.ts";
import {
  registrationLock,
  withRegistrationLock,
  type RegistrationLockOptions,
} from "../../../../src/tools/registration/lock.ts";
import { OWNED_BY_MALLORY, fakeProtection } from "../../../helpers/fakes/fake-protection.ts";
import { NativeError } from "../../../helpers/fakes/native-error.ts";

const OTHER = { pid: 8, startedAt: "80", image: "C:\\other.exe", doing: "registration" };

let folder: string;
let foreign: Map<string, Distrust>;
let reports: string[];
let release: ReturnType<typeof vi.fn<() => void>>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-registration-lock-"));
  vi.stubEnv("ProgramData", folder);
  foreign = new Map();
  reports = [];
  release = vi.fn<() => void>();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

type LockFile = RegistrationLockOptions["api"]["lockFile"];

function optionsWith(lockFile: LockFile): RegistrationLockOptions {
  return {
    api: {
      ...fakeProtection(foreign),
      lockFile,
      processInfo: (pid) => ({ pid, startedAt: "40", image: "C:\\node.exe" }),
    },
    report: (text) => reports.push(text),
  };
}

const takes: LockFile = async (file) => {
  expect(file).toBe(registrationLock());
  return { write: () => {}, release };
};

/** Another process has the lock, and writes who it is. */
const isTaken: LockFile = async (file) => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, formatOwner(OTHER, { hold: 1, beat: 1 }));
  return null;
};

const isRefused: LockFile = () => Promise.reject(new NativeError(0x80070003, "CreateFileW"));

describe("withRegistrationLock", () => {
  it("releases the lock after the work, also when the work fails", async () => {
    const options = optionsWith(takes);
    expect(await withRegistrationLock(options, () => "done")).toBe("done");
    await expect(
      withRegistrationLock(options, () => Promise.reject(new Error("failed"))),
    ).rejects.toThrow("failed");
    expect(release).toHaveBeenCalledTimes(2);
  });

  it.each([
    ["another process has it for minutes, and names it", isTaken, "ERR_WSB_TIMEOUT", "other.exe"],
    ["it cannot be made", isRefused, "ERR_WSB_WINDOWS_API", "registration.lock"],
  ])("does nothing when %s", async (_, lockFile, code, text) => {
    const work = vi.fn<() => void>();
    const options = optionsWith(lockFile);
    const message = expect.stringContaining(text);
    await expect(withRegistrationLock(options, work)).rejects.toMatchObject({ code, message });
    expect(work).not.toHaveBeenCalled();
  });

  it("A: sets a planted lock aside with its folder, and says so", async () => {
    const kit = dirname(registrationLock());
    mkdirSync(kit);
    writeFileSync(registrationLock(), formatOwner(OTHER, { hold: 1, beat: 1 }));
    foreign.set(kit, OWNED_BY_MALLORY);
    expect(await withRegistrationLock(optionsWith(takes), () => "done")).toBe("done");
    expect(existsSync(registrationLock())).toBe(false);
    expect(reports).toEqual([expect.stringContaining(".foreign-")]);
    expect(readdirSync(folder)).toHaveLength(2);
  });
});
