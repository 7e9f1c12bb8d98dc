import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { packedShimName, placeShim } from "../../../../src/runtime/native/packed-shim.ts";

const SHIM = Buffer.from("a shim");
let folder = "";
let exe = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "wsb-packed-shim-"));
  exe = join(folder, "contoso.exe");
  writeFileSync(exe, "");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe("placeShim", () => {
  it("writes the shim beside the exe, once", () => {
    const path = placeShim(exe, SHIM);
    expect(path).toBe(join(folder, packedShimName(SHIM)));
    expect(readFileSync(path)).toEqual(SHIM);
    expect(placeShim(exe, SHIM)).toBe(path);
    expect(readdirSync(folder).toSorted()).toEqual(["contoso.exe", packedShimName(SHIM)]);
  });

  it("replaces a file of that name with other contents", () => {
    writeFileSync(join(folder, packedShimName(SHIM)), "something else");
    expect(readFileSync(placeShim(exe, SHIM))).toEqual(SHIM);
  });

  it("gives a different shim a different name, because the older one may be in use", () => {
    expect(placeShim(exe, SHIM)).not.toBe(placeShim(exe, Buffer.from("another shim")));
  });

  it("gives the next step when the folder cannot be written", () => {
    expect(() => placeShim(join(folder, "absent", "contoso.exe"), SHIM)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_NATIVE_LOAD" }),
    );
  });
});
