import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { changedSinceBuild } from "../../../../src/tools/build/changed-since-build.ts";

const BUILT = 1_700_000_000;
const sources = ["src/addin.ts", "src/handlers/a.ts", "wsb-addin/dist/base/errors.js"];

let folder: string;

function write(file: string, text: string, seconds: number): void {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  utimesSync(path, seconds, seconds);
}

function changed(): readonly string[] {
  return changedSinceBuild({
    serverScript: join(folder, "dist/server.js"),
    manifestFile: join(folder, "wsb-addin.json"),
  });
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-older-"));
  write("src/addin.ts", "", BUILT - 60);
  write("src/handlers/a.ts", "", BUILT - 60);
  write("wsb-addin.json", "{}", BUILT + 60);
  write("dist/server.js", "", BUILT);
  write("dist/server.js.map", JSON.stringify({ sources }), BUILT);
  write("dist/wsb-addin.json", "{}", BUILT);
});

afterEach(() => rmSync(folder, { recursive: true }));

it("nothing changed after a build", () => {
  expect(changed()).toEqual([]);
});

it("names each source that changed after it", () => {
  write("src/handlers/a.ts", "", BUILT + 1);
  expect(changed()).toEqual(["src/handlers/a.ts"]);
});

it("names the manifest if it says something else, whatever its time", () => {
  write("wsb-addin.json", '{"lingerMs":0}', BUILT - 60);
  expect(changed()).toEqual(["wsb-addin.json"]);
});

it.each([
  ["has no source map", () => rmSync(join(folder, "dist/server.js.map"))],
  ["has a damaged one", () => write("dist/server.js.map", "{", BUILT)],
  ["has one without sources", () => write("dist/server.js.map", "{}", BUILT)],
])("names nothing if the build %s", (_, damage) => {
  write("src/addin.ts", "", BUILT + 1);
  damage();
  expect(changed()).toEqual([]);
});
