import { mkdtempSync, readFileSync, rmSync, writeFileSync, cpSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { WsbError } from "../../../src/base/errors.ts";
import {
  codedFileError,
  fileError,
  isMissingFile,
  protectedFileError,
  systemErrorName,
} from "../../../src/base/file-error.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-file-error-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function thrownBy(work: () => void): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

/** Returns an error like the file system's. */
function systemError(code: string, syscall = "open"): Error {
  return Object.assign(new Error(`${code}: it says so, ${syscall}`), { code, syscall, errno: -1 });
}

describe("systemErrorName", () => {
  it("reads the name of a file system's error", () => {
    expect(systemErrorName(thrownBy(() => readFileSync(join(folder, "none"))))).toBe("ENOENT");
    expect(systemErrorName(thrownBy(() => readFileSync(folder)))).toBe("EISDIR");
  });

  it("reads the name of Node.js' own error about files", () => {
    const error = thrownBy(() => rmSync(folder));
    expect(error).toMatchObject({ code: "ERR_FS_EISDIR" });
    expect(systemErrorName(error)).toBe("EISDIR");
    writeFileSync(join(folder, "file"), "");
    expect(systemErrorName(thrownBy(() => cpSync(folder, join(folder, "file"))))).toMatch(/^E/u);
  });

  it.each([
    new Error("ENOENT"),
    new WsbError("ERR_WSB_BUILD", "No."),
    { code: "ENOENT" },
    Object.assign(new Error("x"), { code: "ERR_MODULE_NOT_FOUND" }),
    "ENOENT",
    null,
    undefined,
  ])("returns nothing for anything else: %s", (thrown) => {
    expect(systemErrorName(thrown)).toBeUndefined();
  });
});

describe("isMissingFile", () => {
  it.each([
    [systemError("ENOENT"), true],
    [systemError("EACCES"), false],
    [new Error("x"), false],
    [undefined, false],
  ])("%s: %s", (thrown, is) => {
    expect(isMissingFile(thrown)).toBe(is);
  });
});

describe("fileError", () => {
  it.runIf(process.platform === "linux")("names a full disk and the next step", () => {
    const cause = thrownBy(() => writeFileSync("/dev/full", "x"));
    const error = fileError("Cannot write it", "Choose another file.", cause);
    expect(error).toMatchObject({ code: "ERR_WSB_FILE", errno: "ENOSPC", cause });
    expect(error).toHaveProperty(
      "message",
      "Cannot write it: ENOSPC: no space left on device, write. Free some space on the disk.",
    );
  });

  it("gives the caller's next step for other errors", () => {
    const error = fileError("Cannot write it", "Choose another file.", systemError("EROFS"));
    expect(error).toMatchObject({
      code: "ERR_WSB_FILE",
      errno: "EROFS",
      message: "Cannot write it: EROFS: it says so, open. Choose another file.",
    });
  });

  it.each([new WsbError("ERR_WSB_BUILD", "No."), new TypeError("x"), "x", undefined])(
    "returns anything else unchanged: %s",
    (thrown) => {
      expect(fileError("Cannot write it", "Choose another.", thrown)).toBe(thrown);
      expect(protectedFileError("Cannot write it", "Choose another.", thrown)).toBe(thrown);
      expect(codedFileError(thrown)).toBe(thrown);
    },
  );
});

describe("protectedFileError", () => {
  it.each(["EACCES", "EPERM"])("reports %s as missing rights", (code) => {
    const error = protectedFileError("Cannot read it", "Check the disk.", systemError(code));
    expect(error).toMatchObject({
      code: "ERR_WSB_ACCESS_DENIED",
      errno: code,
      message: expect.stringContaining("elevated"),
    });
  });

  it.each(["EISDIR", "EIO", "EBUSY"])("does not report %s as missing rights", (code) => {
    const error = protectedFileError("Cannot read it", "Check the disk.", systemError(code));
    expect(error).toMatchObject({ code: "ERR_WSB_FILE", errno: code });
  });
});

describe("codedFileError", () => {
  it("gives a code to an undescribed error", () => {
    const cause = thrownBy(() => readFileSync(join(folder, "none")));
    expect(codedFileError(cause)).toMatchObject({ code: "ERR_WSB_FILE", errno: "ENOENT", cause });
  });

  it.each(["spawn npm", "connect", "getaddrinfo"])("ignores %s", (syscall) => {
    const error = systemError("ENOENT", syscall);
    expect(codedFileError(error)).toBe(error);
  });
});
