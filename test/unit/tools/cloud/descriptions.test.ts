import { beforeEach, describe, expect, it, vi } from "vitest";

import { checkProvider, checkSnapinId } from "../../../../src/tools/cloud/provider.ts";
import { checkStatus } from "../../../../src/tools/cloud/status.ts";
import type { NativeBinding, NativeCloudProvider } from "../../../../src/runtime/native/binding.ts";
import { CLSID } from "../../../helpers/manifest.ts";

const provider = {
  snapinId: CLSID,
  resourceDll: "C:\\Program Files\\Contoso\\resources.dll",
  nameId: 101,
  iconId: 102,
};
const api = { driveType: vi.fn<NativeBinding["driveType"]>() };
const entry = { nameId: 1, valueId: 2 };

function withValue(value: unknown): object {
  return { snapinId: CLSID, entries: [entry, { ...entry, values: [{}, value] }] };
}

/** Checks a provider on a machine that has its DLL. */
function check(value: unknown): NativeCloudProvider {
  return checkProvider(api, value, () => true);
}

/** Returns the message of the error that `attempt` throws. */
function refusal(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    expect(error).toMatchObject({ code: "ERR_WSB_INVALID_ARGUMENT" });
    return error instanceof Error ? error.message : "";
  }
  throw new Error("it was accepted");
}

beforeEach(() => {
  api.driveType.mockReturnValue("fixed");
});

describe("a provider", () => {
  it("is passed to the shim with a canonical id and without remoting", () => {
    const given = { ...provider, snapinId: CLSID.slice(1, -1).toLowerCase() };
    expect(check(given)).toEqual({ ...provider, supportsRemoting: false });
  });

  it.each([
    ["remoting", { supportsRemoting: true }],
    ["the smallest ids", { nameId: 1, iconId: 1 }],
    ["the largest ids", { nameId: 65_535, iconId: 65_535 }],
    ["another drive and letters of any kind", { resourceDll: "z:\\Größe \u{1F4D2}\\x.dll" }],
  ])("may have %s", (_, fields) => {
    expect(check({ ...provider, ...fields })).toMatchObject(fields);
  });

  it.each([
    ["snapinId", { snapinId: "{7B1C6E0A}" }, "GUID"],
    ["snapinId", { snapinId: undefined }, "missing"],
    ["resourceDll", { resourceDll: "resources.dll" }, "absolute"],
    ["resourceDll", { resourceDll: "C:resources.dll" }, "absolute"],
    ["resourceDll", { resourceDll: "\\\\server\\share\\resources.dll" }, "drive"],
    ["resourceDll", { resourceDll: "\\\\?\\C:\\resources.dll" }, "drive"],
    ["resourceDll", { resourceDll: "C:\\a/b.dll" }, "must not contain"],
    ["resourceDll", { resourceDll: "C:\\a\0.dll" }, "must not contain"],
    ["resourceDll", { resourceDll: "C:\\a.dll:stream" }, "must not contain"],
    ["resourceDll", { resourceDll: 5 }, "5"],
    ["nameId", { nameId: 0 }, "1 to 65535"],
    ["nameId", { nameId: 65_536 }, "65536"],
    ["nameId", { nameId: 1.5 }, "1.5"],
    ["nameId", { nameId: "101" }, '"101"'],
    ["iconId", { iconId: 0 }, "1 to 65535"],
    ["iconId", { iconId: Number.NaN }, "iconId"],
    ["iconId", { iconId: 5n }, "5n"],
    ["supportsRemoting", { supportsRemoting: "yes" }, "true or false"],
    ["icon", { icon: 5 }, "not a field of the provider; did you mean iconId?"],
  ])("is refused for its %s: %o", (field, fields, part) => {
    const message = refusal(() => check({ ...provider, ...fields }));
    expect(message).toContain(`\n  ${field} `);
    expect(message).toContain(part);
  });

  it("is refused when its DLL does not exist", () => {
    expect(refusal(() => checkProvider(api, provider, () => false))).toMatch(
      /resourceDll must be a file that exists/u,
    );
  });

  it.each(["network", "substituted"] as const)("is refused on a %s drive", (drive) => {
    api.driveType.mockReturnValue(drive);
    const message = refusal(() => check(provider));
    expect(message).toContain(`not on a ${drive} drive`);
    expect(api.driveType).toHaveBeenCalledWith("C:\\");
  });

  it.each([null, undefined, [], "provider", 5])("is refused as %o", (value) => {
    expect(refusal(() => check(value))).toContain("must be an object");
  });

  it("gets all its problems at once", () => {
    const message = refusal(() => check({}));
    for (const field of ["snapinId", "resourceDll", "nameId", "iconId"]) {
      expect(message).toContain(`\n  ${field} `);
    }
  });

  it("has an id that may be written in any spelling", () => {
    expect(checkSnapinId(CLSID.toLowerCase())).toBe(CLSID);
    expect(refusal(() => checkSnapinId("Contoso"))).toContain("snapinId");
  });
});

describe("a status", () => {
  it("is passed to the shim with its defaults and its values as text", () => {
    const values = [
      { type: "string", value: "\u{1F4D2}\uD83D" },
      { type: "number", value: -5 },
      { type: "dateTime", value: new Date(Date.UTC(2025, 2, 30, 1, 30)) },
      { type: "time", value: "01:30" },
      { type: "size", value: 2n ** 40n },
    ];
    const entries = [entry, { ...entry, iconId: 3, values }];
    expect(checkStatus({ snapinId: CLSID, entries })).toEqual({
      snapinId: CLSID,
      entries: [
        { ...entry, iconId: 0, values: [] },
        {
          ...entry,
          iconId: 3,
          values: [
            { type: 1, text: "\u{1F4D2}\uD83D" },
            { type: 2, text: "-5" },
            { type: 3, text: "2025-03-30T01:30:00Z" },
            { type: 4, text: "01:30:00" },
            { type: 5, text: "1099511627776" },
          ],
        },
      ],
    });
  });

  it("may have five entries of five values", () => {
    const values = Array.from({ length: 5 }, (_, index) => ({ type: "number", value: index }));
    const entries = Array.from({ length: 5 }, () => ({ ...entry, values }));
    expect(checkStatus({ snapinId: CLSID, entries }).entries).toHaveLength(5);
  });

  it.each([
    ["entries", { snapinId: CLSID }, "array of 1 to 5"],
    ["entries", { snapinId: CLSID, entries: [] }, "1 to 5 elements; it has 0"],
    ["entries", { snapinId: CLSID, entries: Array.from({ length: 6 }, () => entry) }, "has 6"],
    ["entries[0]", { snapinId: CLSID, entries: [5] }, "must be an object"],
    ["entries[0].nameId", { snapinId: CLSID, entries: [{ valueId: 1 }] }, "missing"],
    ["entries[0].valueId", { snapinId: CLSID, entries: [{ ...entry, valueId: 0 }] }, "is 0"],
    ["entries[0].iconId", { snapinId: CLSID, entries: [{ ...entry, iconId: -1 }] }, "0 for none"],
    [
      "entries[0].icon",
      { snapinId: CLSID, entries: [{ ...entry, icon: 1 }] },
      "did you mean iconId?",
    ],
    [
      "entries[0].values",
      {
        snapinId: CLSID,
        entries: [
          { ...entry, values: Array.from({ length: 6 }, () => ({ type: "string", value: "" })) },
        ],
      },
      "0 to 5 elements; it has 6",
    ],
    ["entries[1].values[1]", withValue("text"), "must be an object"],
    ["entries[1].values[1].type", withValue({ type: "date", value: "" }), 'it is "date"'],
    ["entries[1].values[1].type", withValue({ type: "toString", value: "" }), '"size"'],
    ["entries[1].values[1].value", withValue({ type: "size", value: -1 }), "is -1"],
    ["entries[1].values[1].value", withValue({ type: "dateTime", value: new Date("") }), "invalid"],
    [
      "entries[1].values[1].unit",
      withValue({ type: "size", value: 1, unit: "GB" }),
      "not a field of entries[1].values[1]",
    ],
    ["snapinId", { entries: [entry] }, "missing"],
  ])("is refused for its %s", (field, value, part) => {
    const message = refusal(() => checkStatus(value));
    const line = message.split("\n").find((one) => one.startsWith(`  ${field} `));
    expect(line).toContain(part);
  });
});
