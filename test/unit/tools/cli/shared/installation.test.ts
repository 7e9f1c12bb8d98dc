import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { findBuild, readInput } from "../../../../../src/tools/cli/shared/installation.ts";
import { writerIdOf } from "../../../../../src/tools/cli/shared/writer.ts";
import { loadManifest } from "../../../../../src/runtime/manifest/load.ts";
import { APP_ID, CLSID, WRITER_ID, minimalFields } from "../../../../helpers/manifest.ts";

const manifest = JSON.stringify({ ...minimalFields, clsid: CLSID, appId: APP_ID });
const usage = expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" });
const notBuilt = expect.objectContaining({ code: "ERR_WSB_BUILD" });
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-installation-"));
  write("wsb-addin.json", manifest);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function write(name: string, text = ""): void {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function find(): string {
  const file = join(folder, "wsb-addin.json");
  return findBuild(file, loadManifest(file));
}

describe("findBuild", () => {
  it("finds the build beside the manifest", () => {
    for (const name of ["server.js", "wsb-addin.node"]) write(join("dist", name));
    write("dist/wsb-addin.json", manifest);
    expect(find()).toBe(join(folder, "dist"));
  });

  it("finds a built folder that was copied", () => {
    for (const name of ["server.js", "wsb-addin.node"]) write(name);
    expect(find()).toBe(join(folder));
  });

  it("finds a build in another folder, and of several the last one", () => {
    for (const [place, minutes] of [
      ["dist", 1],
      ["y", 2],
      ["old", 0],
    ] as const) {
      for (const name of ["server.js", "wsb-addin.node"]) write(join(place, name));
      write(join(place, "wsb-addin.json"), manifest);
      utimesSync(join(folder, place, "server.js"), minutes * 60, minutes * 60);
    }
    write("broken/server.js");
    write("broken/wsb-addin.json", "{");
    expect(find()).toBe(join(folder, "y"));
    rmSync(join(folder, "dist"), { recursive: true });
    expect(find()).toBe(join(folder, "y"));
  });

  it("accepts a manifest that differs only in its formatting", () => {
    for (const name of ["server.js", "wsb-addin.node"]) write(join("dist", name));
    const other = { lingerMs: 5000, appId: APP_ID.toLowerCase(), clsid: CLSID, ...minimalFields };
    write("dist/wsb-addin.json", JSON.stringify(other));
    expect(find()).toBe(join(folder, "dist"));
  });

  it.each([
    ["nothing was built", []],
    ["the shim is missing", ["dist/server.js", "dist/wsb-addin.json"]],
    ["the manifest is missing", ["dist/server.js", "dist/wsb-addin.node"]],
  ])("refuses when %s", (_, names) => {
    for (const name of names) write(name, name.endsWith(".json") ? manifest : "");
    expect(find).toThrow(notBuilt);
  });

  it("refuses when the manifest was changed after the build", () => {
    for (const name of ["server.js", "wsb-addin.node"]) write(join("dist", name));
    write(
      "dist/wsb-addin.json",
      JSON.stringify({ ...minimalFields, clsid: APP_ID, appId: APP_ID }),
    );
    expect(find).toThrow(notBuilt);
  });
});

describe("writerIdOf", () => {
  it("prefers the command line's, in any spelling, to the manifest's", () => {
    const writerId = WRITER_ID.slice(1, -1).toLowerCase();
    expect(writerIdOf({ manifest: "none", writerId })).toBe(WRITER_ID);
  });

  it("uses the manifest's otherwise", () => {
    expect(writerIdOf({ manifest: join(folder, "wsb-addin.json") })).toBe(WRITER_ID);
  });

  it("refuses an invalid GUID", () => {
    expect(() => writerIdOf({ manifest: "none", writerId: "Exchange" })).toThrow(usage);
  });
});

describe("readInput", () => {
  it("reads bytes", () => {
    expect(Buffer.from(readInput(join(folder, "wsb-addin.json"))).toString()).toBe(manifest);
  });

  it.each([
    ["missing.xml", "ENOENT"],
    [".", "EISDIR"],
    [join("wsb-addin.json", "below.xml"), "ENOTDIR"],
  ])("reports the error of %s: %s", (name, errno) => {
    expect(() => readInput(join(folder, name))).toThrow(
      expect.objectContaining({ code: "ERR_WSB_FILE", errno }),
    );
  });
});
