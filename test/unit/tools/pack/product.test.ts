import { describe, expect, it } from "vitest";

import { describeProduct, readPackageFields } from "../../../../src/tools/pack/product.ts";
import { manifestWith } from "../../../helpers/manifest.ts";

const usage = expect.objectContaining({ code: "ERR_WSB_INVALID_ARGUMENT" });

describe("describeProduct", () => {
  it("uses the name for the folder if it is valid", () => {
    const { folderName, fileName } = describeProduct(manifestWith({ name: "Contoso & Größe" }), {});
    expect(folderName).toBe("Contoso & Größe");
    expect(fileName).toBe("contoso-gro-e");
  });

  it.each(["台帳 Ledger", "A/B", "x".repeat(65), "Ledger.", "Ledger $(var.x)", "[Ledger]", ".x"])(
    "uses the file name for the folder of %j",
    (name) => {
      const { folderName, fileName } = describeProduct(manifestWith({ name }), {});
      expect(folderName).toBe(fileName);
      expect(folderName).toMatch(/^[a-z0-9-]+$/u);
    },
  );

  it.each([
    ["1.2.3", [1, 2, 3]],
    ["1.2.3-beta.1+build", [1, 2, 3]],
    ["255.255.65535", [255, 255, 65_535]],
  ])("compares %s by its numbers", (version, numbers) => {
    expect(describeProduct(manifestWith(), { version })).toMatchObject({ version, numbers });
  });

  it.each(["", "1", "1.2", "1.2.3.4", "256.0.0", "0.256.0", "0.0.65536", "a.b.c", "-1.0.0"])(
    "refuses the version %j",
    (version) => {
      expect(() => describeProduct(manifestWith(), { version })).toThrow(usage);
    },
  );

  it("keeps the upgrade code between versions, and accepts a given one", () => {
    const [one, two] = ["1.0.0", "2.0.0"].map((version) =>
      describeProduct(manifestWith(), { version }),
    );
    expect(one?.upgradeCode).toBe(two?.upgradeCode);
    const upgradeCode = "5b7c2d11-6e0b-4b57-9c1d-0b8a6c5f2e31";
    expect(describeProduct(manifestWith(), { upgradeCode }).upgradeCode).toBe(
      "{5B7C2D11-6E0B-4B57-9C1D-0B8A6C5F2E31}",
    );
    expect(() => describeProduct(manifestWith(), { upgradeCode: "5b7c" })).toThrow(usage);
  });
});

describe("readPackageFields", () => {
  it.each([
    ["{}", {}],
    ['{"version":"1.2.3"}', { version: "1.2.3" }],
    ['\uFEFF{"version":"1.2.3"}', { version: "1.2.3" }],
    ['{"version":7,"author":7}', {}],
    ['{"author":"Contoso Ltd <a@b.c> (https://b.c)"}', { publisher: "Contoso Ltd" }],
    ['{"author":{"name":"Contoso Ltd"}}', { publisher: "Contoso Ltd" }],
  ])("reads %s", (text, fields) => {
    const { version, publisher } = readPackageFields(text, "package.json");
    expect({ version, publisher }).toEqual({ version: undefined, publisher: undefined, ...fields });
  });

  it.each(["not JSON", "null", '{"version":"1.2.3",}', '{"version":"1.2.3","version":"2.0.0"}'])(
    "refuses %s by the file's name, so that no other version is packed",
    (text) => {
      expect(() => readPackageFields(text, "C:\\a\\package.json")).toThrow(
        expect.objectContaining({
          code: "ERR_WSB_INVALID_ARGUMENT",
          message: expect.stringMatching(/^C:\\a\\package\.json cannot be read:\n/u),
        }),
      );
    },
  );
});
