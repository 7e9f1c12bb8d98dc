import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import rootPackage from "../../../../package.json" with { type: "json" };
import { prebuiltShimPath } from "../../../../src/runtime/native/binding.ts";
import {
  buildPackages,
  ejectShim,
  findShim,
  readOwnShim,
} from "../../../../src/tools/build/own-shim.ts";

const build = expect.objectContaining({ code: "ERR_WSB_BUILD" });
let project = "";

function write(name: string, text = ""): void {
  const path = join(project, "native", name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), "wsb-own-shim-"));
});
afterEach(() => {
  rmSync(project, { recursive: true });
});

describe("findShim", () => {
  it("finds the prebuilt one", () => {
    expect(findShim(project)).toBe(prebuiltShimPath());
  });

  it("says when the prebuilt one is missing", () => {
    expect(() => findShim(project, join(project, "wsb-addin.node"))).toThrow(build);
  });

  it.each(["{}", "null", "not JSON", '{"wsbAddinShim":7}'])(
    "takes a folder of other native code for no shim: %s",
    (text) => {
      write("package.json", text);
      expect(readOwnShim(project)).toBeUndefined();
      expect(findShim(project)).toBe(prebuiltShimPath());
    },
  );

  it("finds the project's own, and says when it is not built", () => {
    write("package.json", JSON.stringify({ wsbAddinShim: rootPackage.version }));
    expect(() => findShim(project)).toThrow(build);
    write("build/wsb-addin.node");
    expect(findShim(project)).toBe(join(project, "native", "build", "wsb-addin.node"));
  });

  it("refuses one of another version than the runtime that would call it", () => {
    write("package.json", JSON.stringify({ wsbAddinShim: "0.0.1" }));
    write("build/wsb-addin.node");
    expect(() => findShim(project)).toThrow(build);
  });
});

describe("readOwnShim", () => {
  it("does not take a shim that it cannot read for none", () => {
    mkdirSync(join(project, "native", "package.json"), { recursive: true });
    expect(() => readOwnShim(project)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_FILE", errno: "EISDIR" }),
    );
  });
});

describe("ejectShim", () => {
  it("refuses a folder that holds something", () => {
    write("mine.txt");
    expect(() => ejectShim(join(project, "native"))).toThrow(
      expect.objectContaining({ code: "ERR_WSB_TARGET_EXISTS" }),
    );
  });

  it("says what is wrong with a folder that cannot be written", () => {
    write("file");
    for (const folder of ["file", "file/below"]) {
      expect(() => ejectShim(join(project, "native", folder))).toThrow(
        expect.objectContaining({ code: "ERR_WSB_FILE", errno: expect.any(String) }),
      );
    }
  });
});

it("names the packages that a shim is built with, in the versions of this repository", () => {
  const { devDependencies } = rootPackage;
  expect(buildPackages()).toEqual([
    `cmake-js@${devDependencies["cmake-js"]}`,
    `node-addon-api@${devDependencies["node-addon-api"]}`,
    `node-api-headers@${devDependencies["node-api-headers"]}`,
  ]);
});
