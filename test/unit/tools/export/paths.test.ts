import { describe, expect, it } from "vitest";

import {
  checkWindowsPath,
  closeProperty,
  fileNameOf,
  joinWindowsPath,
  openProperty,
} from "../../../../src/tools/export/paths.ts";
import { WRITER_ID } from "../../../helpers/manifest.ts";

describe("checkWindowsPath", () => {
  it.each(["C:\\node.exe", "d:\\Größe & (x)\\[1]\\node.exe", "C:\\"])("accepts %s", (path) => {
    expect(checkWindowsPath("--node", path, "drive")).toBe(path);
  });

  it.each([
    "node.exe",
    "\\node.exe",
    "C:node.exe",
    "\\\\server\\share\\node.exe",
    "\\\\?\\C:\\node.exe",
    "/usr/bin/node",
    "C:/node.exe",
    "C:\\a\\..\\node.exe",
    'C:\\a" -e "x',
    "C:\\a:b",
    "C:\\a.\\b",
    "C:\\a \\b",
    "C:\\a\nb",
    "[INSTALLDIR]node.exe",
    "",
  ])("refuses %j", (path) => {
    expect(() => checkWindowsPath("--node", path, "drive")).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_INVALID_ARGUMENT",
        message: expect.stringContaining(JSON.stringify(path)),
      }),
    );
  });

  it("accepts a property of Windows Installer if allowed", () => {
    const property = `${openProperty}INSTALLDIR${closeProperty}`;
    expect(checkWindowsPath("--node", "[INSTALLDIR]bin\\node.exe", "drive or property")).toBe(
      `${property}bin\\node.exe`,
    );
    expect(() =>
      checkWindowsPath("--node", "[INSTALLDIR]..\\node.exe", "drive or property"),
    ).toThrow();
    expect(() => checkWindowsPath("--node", "[A [B]]x", "drive or property")).not.toThrow(
      TypeError,
    );
  });
});

describe("joinWindowsPath", () => {
  it.each([
    ["C:\\a", "C:\\a\\server.js"],
    ["C:\\", "C:\\server.js"],
    [`${openProperty}A${closeProperty}`, `${openProperty}A${closeProperty}server.js`],
  ])("%s", (folder, expected) => {
    expect(joinWindowsPath(folder, "server.js")).toBe(expected);
  });
});

describe("fileNameOf", () => {
  it.each([
    ["Contoso & Ledger", "contoso-ledger"],
    ["Größe \u{1F4D2}", "gro-e"],
    ["日本", "addin-ce4ef7dc"],
    ["CON", "addin-ce4ef7dc"],
    ["../../etc", "etc"],
  ])("%s", (name, expected) => {
    expect(fileNameOf(name, WRITER_ID)).toBe(expected);
  });
});
