import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { filesOf } from "../../../../src/tools/registration/folder-check.ts";
import { installedFiles } from "../../../../src/tools/registration/installed-files.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-installed-files-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("installedFiles", () => {
  it("lists what .NET handlers load, too", () => {
    const names = ["dotnet/Ledger.dll", "node_modules/edge-js/lib/edge.js"];
    for (const name of names) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), "");
    }
    const installation = { nodeExe: "node.exe", serverScript: join(folder, "server.js") };
    expect(installedFiles(installation)).toEqual([
      ...filesOf(installation),
      ...names.map((name) => join(folder, name)),
    ]);
  });

  it("lists no more than there is", () => {
    const installation = { nodeExe: "node.exe", serverScript: join(folder, "server.js") };
    expect(installedFiles(installation)).toEqual(filesOf(installation));
    expect(installedFiles({ nodeExe: "contoso.exe" })).toEqual(["contoso.exe"]);
  });
});
