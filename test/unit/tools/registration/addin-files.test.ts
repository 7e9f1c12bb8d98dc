import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { addinFiles, programFiles } from "../../../../src/tools/registration/addin-files.ts";

const SERVER = "C:\\Program Files\\Contoso\\server.js";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-addin-files-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("addinFiles", () => {
  it("also lists the files that .NET handlers load", () => {
    const names = ["dotnet/Ledger.dll", "node_modules/edge-js/lib/edge.js"];
    for (const name of names) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), "");
    }
    const installation = { nodeExe: "node.exe", serverScript: join(folder, "server.js") };
    expect(addinFiles(installation)).toEqual([
      ...programFiles(installation),
      ...names.map((name) => join(folder, name)),
    ]);
  });

  it("lists only existing files", () => {
    const installation = { nodeExe: "node.exe", serverScript: join(folder, "server.js") };
    expect(addinFiles(installation)).toEqual(programFiles(installation));
    expect(addinFiles({ nodeExe: "contoso.exe" })).toEqual(["contoso.exe"]);
  });
});

describe("programFiles", () => {
  it("lists node.exe and the files beside server.js", () => {
    expect(programFiles({ nodeExe: "D:\\node\\node.exe", serverScript: SERVER })).toEqual([
      "D:\\node\\node.exe",
      SERVER,
      "C:\\Program Files\\Contoso\\server.js.map",
      "C:\\Program Files\\Contoso\\wsb-addin.node",
      "C:\\Program Files\\Contoso\\wsb-addin.json",
      "C:\\Program Files\\Contoso\\package.json",
    ]);
  });

  it("lists only an exe, which contains everything", () => {
    expect(programFiles({ nodeExe: "D:\\contoso.exe" })).toEqual(["D:\\contoso.exe"]);
  });
});
