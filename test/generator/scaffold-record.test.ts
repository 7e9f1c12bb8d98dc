import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";

import {
  readScaffoldRecord,
  scaffoldRecordDefinition,
  scaffoldRecordFile,
} from "../../generator/scaffold-record.ts";
import { jsonSchemaOf } from "../../src/base/document/schema.ts";
import { names010, pathOf010 } from "../helpers/files-of-0-1-0.ts";
import { newFolder } from "./project-bed.ts";

const isValid = new Ajv2020().compile(jsonSchemaOf(scaffoldRecordDefinition, "Scaffold record"));
const record = {
  about: "For people.",
  kind: "add-in",
  ci: ["github"],
  packageManager: "npm",
  files: { "tsconfig.json": "0".repeat(64) },
};

/** Makes a project with this text in its record. */
function projectWith(text: string): string {
  const folder = newFolder();
  writeFileSync(join(folder, scaffoldRecordFile), text);
  return folder;
}

describe("a scaffold record", () => {
  it.each(names010("scaffolds"))("of 0.1.0 is valid by the schema: %s", (name) => {
    const text = readFileSync(pathOf010("scaffolds", name, scaffoldRecordFile), "utf8");
    expect(isValid(JSON.parse(text)), JSON.stringify(isValid.errors)).toBe(true);
  });

  it("may omit the sentence for people", () => {
    const { about: _, ...others } = record;
    expect(isValid(others)).toBe(true);
    expect(readScaffoldRecord(projectWith(JSON.stringify(others))).ci).toEqual(["github"]);
  });

  it.each([
    ["kind", { kind: "addin" }, "did you mean add-in?"],
    ["kind", { kind: undefined }, "missing"],
    ["ci", { ci: "github" }, "array"],
    ["ci[0]", { ci: ["none"] }, '"github" or "azure"'],
    ["packageManager", { packageManager: "NPM" }, "did you mean npm?"],
    ["files", { files: [] }, "object"],
    ["files.a", { files: { a: "0" } }, "SHA-256"],
    ["file", { file: {} }, "did you mean files?"],
  ])("is refused for its %s, and so by the schema", (field, fields, part) => {
    const value = { ...record, ...fields };
    expect(isValid(JSON.parse(JSON.stringify(value)))).toBe(false);
    expect(() => readScaffoldRecord(projectWith(JSON.stringify(value)))).toThrow(
      expect.objectContaining({
        code: "ERR_WSB_INVALID_ARGUMENT",
        message: expect.stringMatching(
          new RegExp(`\n {2}${field.replaceAll(/[[\].]/gu, "\\$&")} `),
        ),
      }),
    );
    expect(() => readScaffoldRecord(projectWith(JSON.stringify(value)))).toThrow(part);
  });

  it("is refused with the place of a JSON syntax error", () => {
    expect(() => readScaffoldRecord(projectWith('{\n  "kind": "add-in",\n}'))).toThrow(
      "line 3, column 1:",
    );
  });

  it.each([
    ["is missing", () => newFolder(), "ERR_WSB_INVALID_ARGUMENT"],
    [
      "cannot be read",
      () => {
        const folder = newFolder();
        mkdirSync(join(folder, scaffoldRecordFile));
        return folder;
      },
      "ERR_WSB_FILE",
    ],
  ])("that %s", (_, make, code) => {
    expect(() => readScaffoldRecord(make())).toThrow(expect.objectContaining({ code }));
  });
});
