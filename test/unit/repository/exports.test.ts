import { expect, it } from "vitest";

import * as library from "../../../src/index.ts";
import { readObject, repository } from "../../generator/generator.ts";

it("exports exactly these values", () => {
  expect(Object.keys(library).toSorted()).toEqual([
    "HRESULT",
    "WsbError",
    "defineAddin",
    "defineWriter",
    "formatHresult",
    "nameHresult",
    "parseWriterMetadata",
  ]);
});

it("has exactly these entry points", () => {
  expect(readObject(repository, "package.json")).toHaveProperty("exports", {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./server": {
      types: "./dist/runtime/addin/server.d.ts",
      default: "./dist/runtime/addin/server.js",
    },
    "./writer": {
      types: "./dist/runtime/writer/serve-writer.d.ts",
      default: "./dist/runtime/writer/serve-writer.js",
    },
    "./cloud": { types: "./dist/tools/cloud/index.d.ts", default: "./dist/tools/cloud/index.js" },
    "./dotnet": {
      types: "./dist/runtime/dotnet/index.d.ts",
      default: "./dist/runtime/dotnet/index.js",
    },
    "./testing": { types: "./dist/testing/index.d.ts", default: "./dist/testing/index.js" },
    "./manifest.schema.json": "./manifest.schema.json",
    "./cli-output.schema.json": "./cli-output.schema.json",
    "./schemas/*": "./schemas/*",
    "./package.json": "./package.json",
  });
});
