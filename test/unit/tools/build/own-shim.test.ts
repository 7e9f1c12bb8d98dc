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
  it("finds the prebuilt shim", () => {
    expect(findShim(project)).toBe(prebuiltShimPath());
  });

  it("reports a missing prebuilt shim", () => {
    expect(() => findShim(project, join(project, "wsb-addin.node"))).toThrow(build);
  });

  it.each(["{}", "null", "not JSON", '{"wsbAddinShim":7}'])(
    "ignores a folder with other native code: %s",
    (text) => {
      write("package.json", text);
      expect(readOwnShim(project)).toBeUndefined();
      expect(findShim(project)).toBe(prebuiltShimPath());
    },
  );

  it("finds the project's own shim, and reports one that is not built", () => {
    write("package.json", JSON.stringify({ wsbAddinShim: rootPackage.version }));
    expect(() => findShim(project)).toThrow(build);
    write("build/wsb-addin.node");
    expect(findShim(project)).toBe(join(project, "native", "build", "wsb-addin.node"));
  });

  it("refuses a shim of another version than the runtime", () => {
    write("package.json", JSON.stringify({ wsbAddinShim: "0.0.1" }));
    write("build/wsb-addin.node");
    expect(() => findShim(project)).toThrow(build);
  });
});

describe("readOwnShim", () => {
  it("does not ignore an unreadable shim", () => {
    mkdirSync(join(project, "native", "package.json"), { recursive: true });
    expect(() => readOwnShim(project)).toThrow(
      expect.objectContaining({ code: "ERR_WSB_FILE", errno: "EISDIR" }),
    );
  });
});

describe("ejectShim", () => {
  it("refuses a folder that is not empty", () => {
    write("mine.txt");
    expect(() => ejectShim(join(project, "native"))).toThrow(
      expect.objectContaining({ code: "ERR_WSB_TARGET_EXISTS" }),
    );
  });

  it("reports a folder that cannot be written", () => {
    write("file");
    for (const folder of ["file", "file/below"]) {
      expect(() => ejectShim(join(project, "native", folder))).toThrow(
        expect.objectContaining({ code: "ERR_WSB_FILE", errno: expect.any(String) }),
      );
    }
  });
});

it("names the build packages of a shim, in the versions of this repository", () => {
  const { devDependencies } = rootPackage;
  expect(buildPackages()).toEqual([
    `cmake-js@${devDependencies["cmake-js"]}`,
    `node-addon-api@${devDependencies["node-addon-api"]}`,
    `node-api-headers@${devDependencies["node-api-headers"]}`,
  ]);
});
