import { readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";

import { describeProduct } from "../../../../src/tools/pack/product.ts";
import { writeBom, type Materials } from "../../../../src/tools/pack/sbom.ts";
import { repository } from "../../../generator/generator.ts";
import { manifestWith } from "../../../helpers/manifest.ts";

const schemas = join(repository, "node_modules/@cyclonedx/cyclonedx-library/res/schema");

function schema(name: string): object {
  const parsed: object = JSON.parse(readFileSync(join(schemas, name), "utf8"));
  return parsed;
}

const ajv = new Ajv({ strict: false, validateFormats: false });
for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) {
  const file = `${name}.SNAPSHOT.schema.json`;
  // The name by which the main schema refers to it.
  ajv.addSchema({ ...schema(file), $id: `http://cyclonedx.org/schema/${file}` });
}
const validate = ajv.compile(schema("bom-1.6.SNAPSHOT.schema.json"));

const sha256 = "ab".repeat(32);
const materials: Materials = {
  product: describeProduct(manifestWith(), { version: "1.2.3", publisher: "Contoso & Söhne" }),
  format: "zip",
  artifact: { name: "contoso.zip", sha256 },
  files: [
    { name: "node.exe", sha256 },
    { name: "server.js", sha256 },
  ],
  node: { version: "22.23.3", sha256 },
  packages: [
    { name: "@contoso/ledger", version: "1.0.0+x", license: "SEE LICENSE IN LICENSE.md" },
    { name: "wsb-addin", version: "0.1.0", license: "MIT" },
    { name: "unlicensed", version: "0.0.0", license: undefined },
  ],
};

function serial(given: Materials): unknown {
  return JSON.parse(writeBom(given)).serialNumber;
}

describe("writeBom", () => {
  it.each<[string, Materials]>([
    ["an archive", materials],
    ["a folder", { ...materials, format: "folder", artifact: undefined }],
    ["an exe", { ...materials, format: "exe", files: [], packages: [] }],
  ])("is valid CycloneDX 1.6 for %s", (_, given) => {
    validate(JSON.parse(writeBom(given)));
    expect(validate.errors).toBeNull();
  });

  it("is checked against a schema that refuses invalid documents", () => {
    expect(validate({ ...JSON.parse(writeBom(materials)), serialNumber: "7" })).toBe(false);
    expect(validate({ ...JSON.parse(writeBom(materials)), components: [{}] })).toBe(false);
  });

  it("identifies Node.js for vulnerability scanners, and npm packages by their URL", () => {
    const { components }: { components: readonly Record<string, unknown>[] } = JSON.parse(
      writeBom(materials),
    );
    expect(components.map(({ purl }) => purl)).toEqual([
      "pkg:github/nodejs/node@v22.23.3",
      "pkg:npm/%40contoso/ledger@1.0.0%2Bx",
      "pkg:npm/wsb-addin@0.1.0",
      "pkg:npm/unlicensed@0.0.0",
      undefined,
      undefined,
    ]);
    expect(components[0]?.["cpe"]).toBe("cpe:2.3:a:nodejs:node.js:22.23.3:*:*:*:*:*:*:*");
  });

  it("depends only on the materials", () => {
    expect(writeBom(materials)).toBe(writeBom({ ...materials }));
    expect(serial(materials)).not.toBe(serial({ ...materials, packages: [] }));
  });
});
